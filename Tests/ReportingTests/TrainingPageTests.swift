internal import Foundation
internal import Reporting
internal import Testing

@Suite struct TrainingPageTests {
  private func page(
    _ ending: String?, rows: Int = 3, groups: [String] = ["all"], validation: Bool = true
  ) -> TrainingPage {
    var all: [TrainingPage.Row] = []
    for i in 0..<rows {
      let count = Double(i + 1)
      let loss: Double = i == 1 ? .nan : 2 / count
      let accuracy: Double? = validation ? 0.5 + 0.125 * Double(i) : nil
      all.append(
        TrainingPage.Row(
          step: 10 * (i + 1), epoch: Double(i) / 2, loss: loss,
          validationLoss: validation ? 3 / count : nil, validationAccuracy: accuracy,
          rates: [Double](repeating: 0.1, count: groups.count)))
    }
    return TrainingPage(
      title: "a <task> & more", groups: groups, rows: all, horizon: 100, ending: ending,
      facts: [("method", "sgd + constant(\"0.1\")")], provenance: "a test")
  }

  /// It reloads itself as long as the training goes on, and no longer.
  @Test func reloadsUntilTheEnd() {
    let running = page(nil)
    #expect(running.html.contains("<meta http-equiv=\"refresh\" content=\"2\">"))
    #expect(running.html.contains("training: step 30 of 100"))
    let ended = page("finished")
    #expect(!ended.html.contains("http-equiv=\"refresh\"") && ended.html.contains(">finished<"))
    #expect(page(nil, rows: 0).html.contains("There are no scores yet."))
  }

  /// Nothing is fetched from elsewhere, and texts are texts.
  @Test func isOneFile() {
    for page in [page(nil), page("lost: the loss is nan"), page(nil, validation: false)] {
      #expect(!page.html.contains("<script") && !page.html.contains("src="))
      #expect(!page.html.contains("href=") && page.html.contains("a &lt;task&gt; &amp; more"))
      #expect(page.html.contains("<svg"))
    }
  }

  @Test func numbersAreInTheTable() {
    #expect(
      page(nil).csv == """
        step,epoch,loss,validationLoss,validationAccuracy,learningRate
        10,0.0,2.0,3.0,0.5,0.1
        20,0.5,,1.5,0.625,0.1
        30,1.0,0.6666666666666666,1.0,0.75,0.1

        """)
    let two = page(nil, groups: ["head, left", "body"], validation: false).csv
    #expect(
      two.hasPrefix(
        "step,epoch,loss,validationLoss,validationAccuracy,\"learningRate head, left\","
          + "learningRate body\n10,0.0,2.0,,,0.1,0.1\n"))
  }

  /// A panel for each kind of number that there is; a long history does not make a long file.
  @Test func picturesHaveWhatThereIs() {
    let all = page(nil).figure.svg
    for word in ["Loss", "Accuracy", "Learning rate", "training", "validation"] {
      #expect(all.contains(word), "\(word)")
    }
    #expect(!page(nil, validation: false).figure.svg.contains("Accuracy"))
    #expect(page(nil, rows: 100_000).html.utf8.count < 200_000)
  }
}

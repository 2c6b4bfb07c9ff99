import Kernels
import Testing

/// SHA-256 on every instruction set at hand: the plain form, and the processor's own instructions
/// where it has some.
@Suite(.serialized) struct SHA256Tests {
  /// FIPS 180-4's examples (of FIPS 180-2 with the empty message and a million of `a`), the first of
  /// NIST's byte-oriented short messages, and others about the ends of a block, of NIST's "Additional
  /// Test Vectors".
  private static let published: [(message: [UInt8], digest: String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      Array(
        ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu").utf8),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
    ([0xd3], "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
    ([0x11, 0xaf], "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
    ([0xbd], "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
    (
      [0xc9, 0x8c, 0x8e, 0x55], "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"
    ),
    (
      [UInt8](repeating: 0, count: 55),
      "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"
    ),
    (
      [UInt8](repeating: 0, count: 56),
      "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"
    ),
    (
      [UInt8](repeating: 0, count: 57),
      "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"
    ),
    (
      [UInt8](repeating: 0, count: 64),
      "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"
    ),
    (
      [UInt8](repeating: 0, count: 1000),
      "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53"
    ),
    (
      [UInt8](repeating: 0x41, count: 1000),
      "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4"
    ),
    (
      [UInt8](repeating: 0x55, count: 1005),
      "f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0"
    ),
  ]

  @Test func publishedVectors() {
    onEverySet {
      for (message, digest) in Self.published {
        #expect(hexadecimal(sha256(message)) == digest, "\(message.count) bytes")
      }
    }
  }

  /// In pieces of every length, so that a block is filled from every place, and with empty pieces
  /// between them.
  @Test func piecesOfEveryLength() {
    let message = (0..<1100).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
    onEverySet {
      let whole = sha256(message)
      for length in 1...130 {
        var state = hg_sha256()
        hg_sha256_init(&state)
        var rest = message[...]
        while !rest.isEmpty {
          Array(rest.prefix(length)).withUnsafeBytes {
            hg_sha256_update(&state, $0.baseAddress, $0.count)
          }
          hg_sha256_update(&state, nil, 0)
          rest = rest.dropFirst(length)
        }
        #expect(finished(&state) == whole, "pieces of \(length) bytes")
      }
    }
  }

  /// Messages of every length up to three blocks, all with other digests than one another, and the
  /// same from every set.
  @Test func lengthsDiffer() {
    let message = [UInt8](repeating: 0, count: 200)
    var seen: [[[UInt8]]] = []
    onEverySet { seen.append((0...200).map { sha256(Array(message.prefix($0))) }) }
    #expect(Set(seen[0]).count == 201 && seen.allSatisfy { $0 == seen[0] })
  }

  /// NIST's Monte Carlo test: a hundred times a thousand digests, each of the last three.
  @Test func monteCarlo() {
    let start = "6d1e72ad03ddeb5de891e572e2396f8da015d899ef0e79503152d6010a3fe691"
    let published = [
      0: "e93c330ae5447738c8aa85d71a6c80f2a58381d05872d26bdd39f1fcd4f2b788",
      1: "2e78f8c8772ea7c9331d41ed3f9cdf27d8f514a99342ee766ee3b8b0d0b121c0",
      99: "6a912ba4188391a78e6f13d88ed2d14e13afce9db6f7dcbf4a48c24f3db02778",
    ]
    onEverySet {
      var seed = bytes(start)
      for turn in 0..<100 {
        var last = seed + seed + seed
        for _ in 0..<1000 { last = Array(last[32...]) + sha256(last) }
        seed = Array(last[64...])
        if let expected = published[turn] {
          #expect(hexadecimal(seed) == expected, "turn \(turn)")
        }
      }
    }
  }
}

private func sha256(_ message: [UInt8]) -> [UInt8] {
  var state = hg_sha256()
  hg_sha256_init(&state)
  message.withUnsafeBytes { hg_sha256_update(&state, $0.baseAddress, $0.count) }
  return finished(&state)
}

private func finished(_ state: inout hg_sha256) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  hg_sha256_final(&state, &digest)
  return digest
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func bytes(_ hexadecimal: String) -> [UInt8] {
  var rest = hexadecimal[...]
  var bytes: [UInt8] = []
  while !rest.isEmpty {
    bytes.append(UInt8(rest.prefix(2), radix: 16)!)
    rest = rest.dropFirst(2)
  }
  return bytes
}

/// Runs on every instruction set of this processor, and then on the one before.
private func onEverySet(_ body: () -> Void) {
  let before = String(cString: hg_isa_name())
  for set in ["plain", "avx2", "avx512", "neon"] where hg_use_isa(set) { body() }
  #expect(hg_use_isa(before))
}

import HypergradientBenchmark

var names = Names.standard
names.catalogue.add(rule: SoftSign<Float>.self, SoftSign<Double>.self)
names.catalogue.add(controller: HarmonicRate.self)
names.catalogue.add(method: AveragedDescent<Float>.self, AveragedDescent<Double>.self)
names.catalogue.add(schedule: SineSchedule.self)
names.tasks.append(.noisyBowl)

Hypergrad.main(names)

internal import HypergradientBenchmark

Hypergrad.main()

public enum Portable { public static func pow(_ a: Double, _ b: Double) -> Double { 1 } }

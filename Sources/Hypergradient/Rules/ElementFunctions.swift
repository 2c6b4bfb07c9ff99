// What several rules compute of one element, so written that their loops vectorise.

/// −1, 0 or 1; 0 for what is not a number.
@inline(__always)
func sign<Scalar: ParameterScalar>(_ x: Scalar) -> Scalar { x > 0 ? 1 : x < 0 ? -1 : 0 }

/// √x of what is not negative, 0 of what is: where the compiler can't see that x is not negative, a
/// plain root has a branch to a library call, and its loop does not vectorise.
@inline(__always)
func root<Scalar: ParameterScalar>(_ x: Scalar) -> Scalar { (x < 0 ? 0 : x).squareRoot() }

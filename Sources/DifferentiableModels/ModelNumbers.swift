@_spi(Reflection) internal import Swift
internal import HypergradientRecipes
internal import Hypergradient
internal import Synchronization
internal import _Differentiation

/// How the numbers of a differentiable type are read into a row and written back, and how those of its
/// tangent vector are; in the order of the stored properties.
///
/// A number is a parameter where the type's tangent vector has a stored property of the same name: what
/// is `@noDerivative` is none.
struct ModelNumbers<Model: Differentiable, Scalar: ParameterScalar>: Sendable {
  let read: @Sendable (Model, inout [Scalar]) -> Void
  /// Reads from the place, and moves it on.
  let write: @Sendable (inout Model, UnsafePointer<Scalar>, inout Int) -> Void
  /// The model says how long an array is: a tangent vector of one that took no part is empty.
  let readTangent: @Sendable (Model.TangentVector, Model, inout [Scalar]) -> Void

  /// Those of the type, worked out at its first use.
  ///
  /// - Precondition: it is made of `Scalar`, arrays and structs of such.
  static func known() -> ModelNumbers {
    let key = [ObjectIdentifier(Model.self), ObjectIdentifier(Scalar.self)]
    if let known = knownNumbers.withLock({ $0[key] }) as? ModelNumbers { return known }
    let made = make()
    knownNumbers.withLock { $0[key] = made }
    return made
  }

  private static func make() -> ModelNumbers {
    if Model.self == Scalar.self { return ofNumber() }
    if let array = Model.self as? any DifferentiableArray.Type {
      return ofArray(array)
    }
    if Model.self is any ParameterScalar.Type {
      stop("a number of \(Model.self) in a model whose optimizer is of \(Scalar.self)")
    }
    return ofStruct()
  }

  private static func ofNumber() -> ModelNumbers {
    ModelNumbers(
      read: { $1.append($0 as! Scalar) },
      write: { model, row, place in
        model = row[place] as! Model
        place += 1
      },
      readTangent: { tangent, _, row in row.append(tangent as! Scalar) })
  }

  private static func ofArray<Array: DifferentiableArray>(_: Array.Type) -> ModelNumbers {
    let numbers = Array.numbers(of: Scalar.self)
    return numbers as! ModelNumbers
  }

  private static func ofStruct() -> ModelNumbers {
    let own = storedProperties(of: Model.self)
    let tangents = storedProperties(of: Model.TangentVector.self)
    require(
      !own.isEmpty || MemoryLayout<Model>.size == 0,
      "\(Model.self) is no number of \(Scalar.self), array or struct of such")
    let fields: [ModelNumbers] = tangents.map { name, tangentPath in
      guard let path = own.first(where: { $0.name == name })?.path else {
        stop(
          "\(Model.self) has no stored property '\(name)', which its tangent vector has: only tangent "
            + "vectors of the model's own properties are known")
      }
      func open<Value: Differentiable>(_: Value.Type) -> ModelNumbers {
        guard let path = path as? WritableKeyPath<Model, Value>,
          let tangentPath = tangentPath as? KeyPath<Model.TangentVector, Value.TangentVector>
        else { stop("'\(name)' of \(Model.self) can't be read and written by its tangent vector") }
        return field(PathPair(path: path, tangentPath: tangentPath))
      }
      guard let type = path.typeOfValue as? any Differentiable.Type else {
        stop("'\(name)' of \(Model.self) is not Differentiable")
      }
      return open(type)
    }
    return ModelNumbers(
      read: { model, row in for field in fields { field.read(model, &row) } },
      write: { model, row, place in for field in fields { field.write(&model, row, &place) } },
      readTangent: { tangent, model, row in
        for field in fields { field.readTangent(tangent, model, &row) }
      })
  }

  private static func field<Value: Differentiable>(
    _ paths: PathPair<Model, Value>
  ) -> ModelNumbers {
    let numbers = ModelNumbers<Value, Scalar>.known()
    return ModelNumbers(
      read: { model, row in numbers.read(model[keyPath: paths.path], &row) },
      write: { model, row, place in numbers.write(&model[keyPath: paths.path], row, &place) },
      readTangent: { tangent, model, row in
        numbers.readTangent(
          tangent[keyPath: paths.tangentPath], model[keyPath: paths.path], &row)
      })
  }
}

/// Facts about types, which do not change.
private let knownNumbers = Mutex<[[ObjectIdentifier]: any Sendable]>([:])

/// Key paths to stored properties: no captured values, so that threads may share them.
private struct PathPair<Model: Differentiable, Value: Differentiable>: @unchecked Sendable {
  let path: WritableKeyPath<Model, Value>
  let tangentPath: KeyPath<Model.TangentVector, Value.TangentVector>
}

/// `_EachFieldOptions.ignoreUnknown`, which is a variable: a field that no key path leads to is passed
/// over.
private var ignoringUnknown: _EachFieldOptions { _EachFieldOptions(rawValue: 1 << 1) }

/// The stored properties of a struct, in their order.
private func storedProperties<Root>(
  of _: Root.Type
) -> [(name: String, path: PartialKeyPath<Root>)] {
  var found: [(name: String, path: PartialKeyPath<Root>)] = []
  _forEachFieldWithKeyPath(of: Root.self, options: ignoringUnknown) { name, path in
    found.append((String(cString: name), path))
    return true
  }
  return found
}

extension AnyKeyPath {
  fileprivate var typeOfValue: Any.Type { type(of: self).valueType }
}

/// An array of what is differentiable.
private protocol DifferentiableArray: Differentiable {
  static func numbers<Scalar: ParameterScalar>(of _: Scalar.Type) -> any Sendable
}

extension Array: DifferentiableArray where Element: Differentiable {
  fileprivate static func numbers<Scalar: ParameterScalar>(of _: Scalar.Type) -> any Sendable {
    if Element.self == Scalar.self {
      // A row as it is.
      return ModelNumbers<[Element], Scalar>(
        read: { $1 += $0 as! [Scalar] },
        write: { model, row, place in
          let count = model.count
          (row + place).withMemoryRebound(to: Element.self, capacity: count) { row in
            model.withUnsafeMutableBufferPointer {
              $0.baseAddress?.update(from: row, count: count)
            }
          }
          place += count
        },
        readTangent: { tangent, model, row in
          if isWhole(tangent, model) {
            row += tangent.base as! [Scalar]
          } else {
            row += repeatElement(0, count: model.count)
          }
        })
    }
    let numbers = ModelNumbers<Element, Scalar>.known()
    return ModelNumbers<[Element], Scalar>(
      read: { model, row in for element in model { numbers.read(element, &row) } },
      write: { model, row, place in
        for index in model.indices { numbers.write(&model[index], row, &place) }
      },
      readTangent: { tangent, model, row in
        guard isWhole(tangent, model) else {
          var values: [Scalar] = []
          for element in model { numbers.read(element, &values) }
          row += repeatElement(0, count: values.count)
          return
        }
        for (part, element) in zip(tangent.base, model) {
          numbers.readTangent(part, element, &row)
        }
      })
  }

  /// Whether a tangent vector has an element for each of the array's; one of an array that took no part
  /// has none.
  private static func isWhole(_ tangent: TangentVector, _ model: [Element]) -> Bool {
    if tangent.base.isEmpty { return model.isEmpty }
    require(
      tangent.base.count == model.count,
      "a gradient of \(tangent.base.count) elements along an array of \(model.count)")
    return true
  }
}

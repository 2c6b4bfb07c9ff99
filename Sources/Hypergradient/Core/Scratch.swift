/// Room for what one step tries: no part of a checkpoint, since what was tried last need not be finite.
@propertyWrapper struct Scratch<Value: Sendable>: Sendable, Encodable {
  var wrappedValue: Value

  func encode(to encoder: any Encoder) {}
}

extension KeyedEncodingContainer {
  /// Leaves it out.
  mutating func encode<Value>(_: Scratch<Value>, forKey: Key) {}
}

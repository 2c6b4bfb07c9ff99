public enum PortableMath {}

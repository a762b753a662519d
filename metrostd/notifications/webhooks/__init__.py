"""对接: other systems of the house hear what people were told, signed and repeated until they took it."""

"""The draw as pure arithmetic: bytes, order, grammar of the public value; knows no database and no clock."""

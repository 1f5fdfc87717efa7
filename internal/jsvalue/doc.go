// Package jsvalue is the value model that triggers and mappings are defined in: what JavaScript makes of a JSON text. Undefined is not null,
// numbers are doubles, strings are UTF-16, and keys that are array indices come first in an object.
//
// A Value is lazy: one that was cut out of a JSON text stays that text until something looks inside, and is printed as the
// very bytes that it came in. So what merely passes through is neither decoded nor copied, and keeps all digits of its numbers.
//
// Strings are Go strings in UTF-8, where a surrogate without its partner is encoded as if it were a character (three bytes; "WTF-8"). Only own
// members are found: there is no prototype chain.
//
// JSON texts given to this package should be valid; for one that is not, nothing panics, but the answer means nothing.
package jsvalue

// Package destination is the contract between what delivers events and what takes them: the Actions framework. A destination of the catalog has
// settings and actions; an action has fields and a perform function; a mapping, as configured, is an action, a trigger and a field mapping.
//
// Compile makes a Mapping of such a configuration, once. The Mapping is then evaluated on the bytes of events: does the trigger
// match, what payload do the fields resolve to, is it valid, and what came of sending it. What an answer means is decided here and in
// the destinations, as a Class; nobody downstream looks at a status code.
package destination

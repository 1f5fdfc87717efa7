// Package fql reads and evaluates the conditions of destination filters: statements of Segment's Filter Query Language, such as
// `type = "track" and contains(properties.email, "@example.com")`. They are compiled once and evaluated on the raw JSON of an event.
//
// It is not the language of triggers (internal/trigger), which looks alike: here a path may begin anywhere in the event, `and` binds tighter than `or`, and there are
// functions for values. What is missing in the event is null; a function that is given a value of another type gives null, and a comparison of numbers with
// something else is false, so that evaluating never fails.
package fql

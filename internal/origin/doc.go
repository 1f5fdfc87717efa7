// Package origin tells where a call was made: in a browser, on a server or on a phone, by which library, and how the call reads in the code that made it.
// The live debugger shows it, so that somebody who looks for a call of their own finds it.
//
// It reads canonical lines of the log, and is pure. What is in the properties of a call does not belong here: the line itself shows that.
package origin

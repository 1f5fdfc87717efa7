// Package analytics is what can be asked about the receiving side, and what the answers look like: Track Events, visitors and accounts, raw events, the data
// dictionary, quality. internal/analyze answers, from its tables; internal/admin and internal/pendoapi pass the answers on. So it is values and one interface, with
// the JSON names that the control API shows.
//
// What does not belong here: how an answer is found.
package analytics

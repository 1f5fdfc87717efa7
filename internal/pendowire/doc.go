// Package pendowire is Pendo's wire formats: what a body that arrives at the Pendo-compatible side means. It is pure: JSON in, values out.
//
// A Call is one Segment event as it comes to /data/segmentio: who (visitor), for whom (account), what, when. Nothing makes
// decoding fail: whatever is missing, odd or ignored becomes a Verdict on the call, which is kept all the same.
//
// What does not belong here: verdicts that need to know other calls (a duplicate, say) are named here, and given by internal/analyze.
package pendowire

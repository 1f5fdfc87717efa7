// Package pendowire is Pendo's wire formats: what a body that arrives at the Pendo-compatible side means. It is pure: a record in, values out.
//
// Decode makes of a record.Received its calls, whichever way it came: Segment events (/data/segmentio), Track Events of servers (/data/track), and what the
// browser agent packs (/data/ptm.gif). A Call says who (visitor), for whom (account), what, when. Nothing makes decoding fail: whatever is missing, odd or ignored
// becomes a Verdict on the call, which is kept all the same. The same record gives the same calls for ever: what an app was set to stands in it as Rules.
//
// What does not belong here: verdicts that need to know other calls (a duplicate, say) are named here, and given by internal/analyze.
package pendowire

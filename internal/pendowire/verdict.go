package pendowire

// Verdict is a machine code for something that is worth knowing about a received call. It is never a reason to drop it.
type Verdict string

// The verdicts. Explain says what each means.
const (
	NoVisitor           Verdict = "no_visitor"
	NoAccount           Verdict = "no_account"
	ContextGroupIgnored Verdict = "context_group_ignored"
	GroupConflict       Verdict = "group_conflict"
	NoEventName         Verdict = "no_event_name"
	IgnoredType         Verdict = "ignored_type"
	NotAnEvent          Verdict = "not_an_event"
	Batched             Verdict = "batched"
	BadTime             Verdict = "bad_time"
	TooOld              Verdict = "too_old"
	InFuture            Verdict = "in_future"
	Duplicate           Verdict = "duplicate"
	OtherPath           Verdict = "other_path"
	UnknownKey          Verdict = "unknown_key"
)

// Verdicts lists all verdicts.
func Verdicts() []Verdict {
	return []Verdict{
		NoVisitor, NoAccount, ContextGroupIgnored, GroupConflict, NoEventName, IgnoredType, NotAnEvent, Batched,
		BadTime, TooOld, InFuture, Duplicate, OtherPath, UnknownKey,
	}
}

// Explanation is a verdict in words: what is the case, and how it is mended.
type Explanation struct {
	Code    Verdict `json:"code"`
	Message string  `json:"message"`
	Mend    string  `json:"mend"`
}

// Explain puts a verdict into words.
func Explain(v Verdict) Explanation {
	message, mend := words(v)
	return Explanation{Code: v, Message: message, Mend: mend}
}

func words(v Verdict) (message, mend string) {
	switch v {
	case NoVisitor:
		return "The call has no userId, so it belongs to no visitor.",
			"Send userId at the top level of the call; an anonymousId does not name a visitor."
	case NoAccount:
		return "The call has no groupId, so it belongs to no account.",
			"Send groupId at the top level of the call, or in its properties."
	case ContextGroupIgnored:
		return "The call has its groupId only in context, where it is ignored, so it belongs to no account.",
			"Move context.groupId to properties.groupId, in the code or in the mapping."
	case GroupConflict:
		return "The groupId at the top level and the one in properties differ; the one at the top level was taken.",
			"Send the groupId in one place only."
	case NoEventName:
		return "The track call has no event name, so it is counted nowhere.",
			"Send the name as event, a text that is not empty."
	case IgnoredType:
		return "Calls of this type are kept, but change nothing.",
			`Send only what is used; for Track Events alone, the trigger is: type = "track".`
	case NotAnEvent:
		return "This is not a JSON object, so it is no event.",
			"Send the entire event as the body."
	case Batched:
		return "The call came in a batch.",
			"Turn batching off in the mapping: Pendo takes one event for each request."
	case BadTime:
		return "The timestamp cannot be read; the next best time was taken.",
			"Send timestamp as ISO 8601 text, such as 2026-01-31T12:00:00.000Z."
	case TooOld:
		return "The call happened more than 7 days before it was received; Pendo would not process it.",
			"Send calls when they happen; for imports, use another way."
	case InFuture:
		return "The call claims to have happened more than 5 minutes after it was received.",
			"Set the clock of the sender."
	case Duplicate:
		return "The same call was received before, so it is not counted again.",
			"Nothing: repeating what was not answered is right."
	case OtherPath:
		return "The same messageId was received before by another path, so the call counts twice.",
			"Find the two mappings or destinations that both send it, and turn one of them off."
	case UnknownKey:
		return "The key in the URL belongs to no app.",
			"Check the key, that it is the app's API key, and that the host is the one of the app's region."
	}
	return string(v), ""
}

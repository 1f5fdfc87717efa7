package pendowire

// wordsOfCalls puts into words what a call is, and whose: the verdicts on that.
func wordsOfCalls(v Verdict) (message, mend string) {
	switch v {
	case NoVisitor:
		return "The call names no visitor, so it belongs to nobody.",
			"Send userId at the top level of a Segment call (an anonymousId names a visitor only where the app says so), or visitorId to /data/track."
	case NoAccount:
		return "The call names no account, so it belongs to none.",
			"Send groupId at the top level of a Segment call or in its properties, accountId to /data/track, or give the agent an account with an id."
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
	case SwitchedOff:
		return "The app does not accept calls of this type; it is kept, but changes nothing.",
			"Switch the type on in the app, or stop sending it."
	case NotAnEvent:
		return "This is not a JSON object, so it is no event.",
			"Send the entire event as the body."
	case Unreadable:
		return "The events cannot be unpacked.",
			"Send them as the agent does: JSON, compressed by zlib, in base64url without padding, as events."
	case Batched:
		return "The call came in a batch.",
			"Turn batching off in the mapping: Pendo takes one event for each request."
	case NumericID:
		return "The id of the visitor is a number; it was taken as text.",
			"Send ids as text, everywhere in the same form: 42, 42.0 and 042 would be three visitors."
	case PlaceholderID:
		return "The id of the visitor or the account is a placeholder, such as VISITOR-UNIQUE-ID, anonymous or undefined: everybody who has it becomes one.",
			"Send the id of the person and of the account; where there is none, send nothing."
	default:
		return "", ""
	}
}

// wordsOfTimes says when a call happened: the verdicts on that.
func wordsOfTimes(v Verdict) (message, mend string) {
	switch v {
	case BadTime:
		return "The timestamp is missing or cannot be read; the next best time was taken.",
			"Send timestamp as ISO 8601 text such as 2026-01-31T12:00:00.000Z in a Segment call, and as a number of milliseconds since 1970 to /data/track."
	case TimeIsText:
		return "The timestamp is text; it was understood, but Pendo takes a number here.",
			"Send timestamp to /data/track as a number of milliseconds since 1970."
	case SecondsAsMillis:
		return "The timestamp is a number of seconds where milliseconds are meant; it was taken as seconds. Pendo would take it for 1970, and never process it.",
			"Multiply the seconds by 1000."
	case Deferred:
		return "The call happened some time before it was received; Pendo would not show it after the next hourly run, but after the daily or weekly one.",
			"Send calls when they happen, with the time of now."
	case TooOld:
		return "The call happened more than 7 days before it was received; Pendo would never process it.",
			"Send calls when they happen; for imports, use another way."
	case InFuture:
		return "The call claims to have happened more than 5 minutes after it was received.",
			"Set the clock of the sender."
	default:
		return "", ""
	}
}

// wordsOfData says what a call brings: the verdicts on that.
func wordsOfData(v Verdict) (message, mend string) {
	switch v {
	case PropertiesTooLarge:
		return "The properties have more than 512 bytes as JSON; Pendo would show none of them.",
			"Send fewer or shorter properties."
	case BadPropertyKey:
		return "A property has a name that Pendo does not show.",
			"Name properties with at most 32 letters, digits and underscores, no digit first, not with two underscores at both ends."
	case ObjectIgnored:
		return "A field of the metadata is an object, which is passed over.",
			"Send its members as fields of their own."
	case FieldClash:
		return "Two fields of the metadata differ only in case; names become lower case, so the later one is kept.",
			"Send each field under one name."
	default:
		return "", ""
	}
}

// wordsOfRequests says how a call came: the verdicts on that.
func wordsOfRequests(v Verdict) (message, mend string) {
	switch v {
	case BrowserSecret:
		return "The shared secret for Track Events came from a browser, where everybody can read it.",
			"Send Track Events from a server, or with the agent; then rotate the shared secret."
	case SignatureWrong:
		return "The signature of the request is not the one that the app's signature secret makes.",
			"Set the same secret at the sender and at the app, and send the body unchanged."
	case SignatureMissing:
		return "The request has no signature, though the app checks signatures.",
			"Set the app's signature secret in the settings of the destination that sends."
	case UnknownKey:
		return "The key, or the shared secret, belongs to no app.",
			"Check the key, that it is the app's API key (for /data/track, its shared secret), and that the host is the one of the app's region."
	case WrongRegion:
		return "The key belongs to an app of another region than the host, so it is not known there.",
			"Send to the host of the app's region."
	case OldKey:
		return "The key is one of the app's old keys, which are still taken.",
			"Send to the new key; then take the old one out of the app."
	default:
		return "", ""
	}
}

// wordsOfCompany says a call in the company of others: the verdicts on that.
func wordsOfCompany(v Verdict) (message, mend string) {
	switch v {
	case Duplicate:
		return "The same call was received before, so it is not counted again.",
			"Nothing: repeating what was not answered is right."
	case OtherPath:
		return "The same messageId was received before by another path, so the call counts twice.",
			"Find the two mappings or destinations that both send it, and turn one of them off."
	case NearDuplicate:
		return "A call of the same visitor with the same name and properties came at nearly the same time by another path; it may be the same one twice.",
			"Find the two destinations that both send it, and turn one of them off."
	case NameBudget:
		return "The app has more different event names than Pendo takes, 5,000; Pendo would not show this one.",
			"Keep what varies (ids, dates) out of event names; send it as a property."
	case BeforeName:
		return "The call happened before its event name was first received; Pendo would never process it.",
			"Send calls when they happen; old ones cannot be sent later."
	case OtherForm:
		return "The same id was received in another written form, such as 42 and 42.0, or with a space; these are different visitors.",
			"Send ids as text, everywhere in the same form."
	case Replaced:
		return "The call was sent again on purpose, and what came then took its place; this one is not counted any more.",
			"Nothing: that is what a redrive is for."
	case DoNotProcess:
		return "The visitor or the account is set to do-not-process, so the call is not counted, and its content is not kept here.",
			"If that is not wanted, take the mark off, on the page of the visitor or account."
	default:
		return "", ""
	}
}

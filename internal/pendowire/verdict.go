package pendowire

// Verdict is a machine code for something that is worth knowing about a received call. It is never a reason to drop it.
type Verdict string

// The verdicts. Explain says what each means. Those of the last group need to know other calls; internal/analyze gives them.
const (
	NoVisitor           Verdict = "no_visitor"
	NoAccount           Verdict = "no_account"
	ContextGroupIgnored Verdict = "context_group_ignored"
	GroupConflict       Verdict = "group_conflict"
	NoEventName         Verdict = "no_event_name"
	IgnoredType         Verdict = "ignored_type"
	SwitchedOff         Verdict = "switched_off"
	NotAnEvent          Verdict = "not_an_event"
	Unreadable          Verdict = "unreadable"
	Batched             Verdict = "batched"

	BadTime         Verdict = "bad_time"
	TimeIsText      Verdict = "time_is_text"
	SecondsAsMillis Verdict = "seconds_as_millis"
	Deferred        Verdict = "deferred"
	TooOld          Verdict = "too_old"
	InFuture        Verdict = "in_future"

	PropertiesTooLarge Verdict = "properties_too_large"
	BadPropertyKey     Verdict = "bad_property_key"
	NumericID          Verdict = "numeric_id"
	PlaceholderID      Verdict = "placeholder_id"
	ObjectIgnored      Verdict = "object_ignored"
	FieldClash         Verdict = "field_clash"

	BrowserSecret    Verdict = "browser_secret"
	SignatureWrong   Verdict = "signature_wrong"
	SignatureMissing Verdict = "signature_missing"
	UnknownKey       Verdict = "unknown_key"
	WrongRegion      Verdict = "wrong_region"
	OldKey           Verdict = "old_key"

	Duplicate     Verdict = "duplicate"
	OtherPath     Verdict = "other_path"
	NearDuplicate Verdict = "near_duplicate"
	NameBudget    Verdict = "name_budget"
	BeforeName    Verdict = "before_name"
	OtherForm     Verdict = "other_form"
	Replaced      Verdict = "replaced"
	DoNotProcess  Verdict = "do_not_process"
)

// Verdicts lists all verdicts.
func Verdicts() []Verdict {
	return []Verdict{
		NoVisitor, NoAccount, ContextGroupIgnored, GroupConflict, NoEventName, IgnoredType, SwitchedOff, NotAnEvent, Unreadable,
		Batched, BadTime, TimeIsText, SecondsAsMillis, Deferred, TooOld, InFuture, PropertiesTooLarge, BadPropertyKey, NumericID,
		PlaceholderID, ObjectIgnored, FieldClash, BrowserSecret, SignatureWrong, SignatureMissing, UnknownKey, WrongRegion, OldKey, Duplicate,
		OtherPath, NearDuplicate, NameBudget, BeforeName, OtherForm, Replaced, DoNotProcess,
	}
}

// Explanation is a verdict in words: what is the case, how it is mended, and where more is said.
type Explanation struct {
	Code    Verdict `json:"code"`
	Message string  `json:"message"`
	Mend    string  `json:"mend"`
	Docs    string  `json:"docs"` // a file of the documentation, and the place in it
}

// Explain puts a verdict into words.
func Explain(v Verdict) Explanation {
	for _, words := range []func(Verdict) (message, mend string){wordsOfCalls, wordsOfTimes, wordsOfData, wordsOfRequests, wordsOfCompany} {
		if message, mend := words(v); message != "" {
			return Explanation{Code: v, Message: message, Mend: mend, Docs: "docs/reference/verdicts.md#" + string(v)}
		}
	}
	return Explanation{Code: v, Message: string(v)}
}

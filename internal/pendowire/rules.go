package pendowire

// Rules are the switches of an app that say what its calls mean. They stand in each record, as they were when the body came, so that what follows from a
// record is always the same.
type Rules struct {
	Anonymous      bool // a Segment call without userId belongs to the visitor _PENDO_T_<anonymousId>
	NoIdentify     bool // Segment identify calls change nothing
	NoGroup        bool // Segment group calls change nothing
	ContextAccount bool // a Segment identify call links its visitor to the account context.groupId
}

// The names that rules have in a record.
const (
	ruleAnonymous      = "anonymous"
	ruleNoIdentify     = "noIdentify"
	ruleNoGroup        = "noGroup"
	ruleContextAccount = "contextAccount"
)

// ReadRules reads rules as a record has them. Names that are not known are passed over.
func ReadRules(names []string) Rules {
	var r Rules
	for _, name := range names {
		switch name {
		case ruleAnonymous:
			r.Anonymous = true
		case ruleNoIdentify:
			r.NoIdentify = true
		case ruleNoGroup:
			r.NoGroup = true
		case ruleContextAccount:
			r.ContextAccount = true
		}
	}
	return r
}

// Names is the rules as a record has them; nil for those that nothing is set in.
func (r Rules) Names() []string {
	var names []string
	for _, one := range []struct {
		set  bool
		name string
	}{{r.Anonymous, ruleAnonymous}, {r.NoIdentify, ruleNoIdentify}, {r.NoGroup, ruleNoGroup}, {r.ContextAccount, ruleContextAccount}} {
		if one.set {
			names = append(names, one.name)
		}
	}
	return names
}

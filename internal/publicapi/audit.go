package publicapi

import (
	"context"
	"time"

	"penstock/internal/access"
)

// AuditEvent is one entry of the audit trail.
type AuditEvent struct {
	ID           string    `json:"id"`
	At           time.Time `json:"-"`
	Timestamp    string    `json:"timestamp"`
	Type         string    `json:"type"`
	Actor        string    `json:"actor"`
	ActorEmail   string    `json:"actorEmail,omitempty"`
	ResourceID   string    `json:"resourceId"`
	ResourceType string    `json:"resourceType"`
	ResourceName string    `json:"resourceName"`
}

// AuditQuery selects entries; the zero value of a field selects all.
type AuditQuery struct {
	Since, Until             time.Time
	ResourceID, ResourceType string
	Limit                    int
}

// Audit is the audit trail, the newest first.
type Audit interface {
	Events(ctx context.Context, q AuditQuery) ([]AuditEvent, error)
}

// auditMax is how many entries an answer is cut out of.
const auditMax = 10_000

func auditRoutes() []route {
	r := reads("/audit-events", (*api).auditEvents)
	r.needs = access.Owner
	return []route{r}
}

func (a *api) auditEvents(c *call) (result, error) {
	if a.Audit == nil {
		return nil, notAnswered("audit trail")
	}
	q := AuditQuery{ResourceID: c.params.text("resourceId"), ResourceType: c.params.text("resourceType"), Limit: auditMax}
	var err error
	if q.Since, err = c.params.time("startTime"); err != nil {
		return nil, err
	}
	if q.Until, err = c.params.time("endTime"); err != nil {
		return nil, err
	}
	all, err := a.Audit.Events(c.Context(), q)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Timestamp = all[i].At.UTC().Format(timeLayout)
	}
	return paged(c, "events", all)
}

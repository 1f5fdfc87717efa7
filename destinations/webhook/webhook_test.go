package webhook

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/destination"
	"penstock/internal/destination/httprequest"
	"penstock/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// article is the mapping that sends Track Events as they are.
const article = `{"url": %URL%, "method": "POST", "batch_size": 0, "data": {"@path": "$."}, "enable_batching": false}`

const event = `{"type":"track","event":"Order","userId":"u1","properties":{"big":12345678901234567890,"z":1,"1":"é"}}`

func compile(t testing.TB, fields, settings string) *destination.Mapping {
	t.Helper()
	m, err := destination.Compile(New(), destination.Spec{Action: "send", Trigger: `type = "track"`, Fields: json.RawMessage(fields)}, json.RawMessage(settings))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func articleTo(t testing.TB, url, settings string) *destination.Mapping {
	t.Helper()
	return compile(t, strings.Replace(article, "%URL%", `"`+url+`"`, 1), settings)
}

// perform resolves the event, and sends it with a client that uses transport.
func perform(t testing.TB, m *destination.Mapping, transport http.RoundTripper) destination.Result {
	t.Helper()
	p, err := m.Resolve([]byte(event))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	return m.Perform(t.Context(), client, "wh_1", p)
}

func TestTheEventArrivesAsItIs(t *testing.T) {
	var got *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		write(w, "accepted")
	}))
	defer s.Close()
	result := perform(t, articleTo(t, s.URL+"/data?x=1#f", `{"sharedSecret":"abc123"}`), &http.Transport{})
	if result.Class != destination.ClassDelivered || result.Code != "200" || result.Reason != "" {
		t.Fatalf("result %+v", result)
	}
	if string(body) != event || got.Method != http.MethodPost || got.URL.String() != "/data?x=1" {
		t.Errorf("%s %s %s", got.Method, got.URL, body)
	}
	want := http.Header{
		"User-Agent": {"Segment (Actions)"}, "X-Signature": {httprequest.Sign("abc123", []byte(event))}, "Content-Type": {"application/json"}, "Webhook-Id": {"wh_1"},
		"Accept": {"*/*"}, "Content-Length": {strconv.Itoa(len(event))}, "Accept-Encoding": {"gzip,deflate"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Error(diff)
	}
	exchange := &record.Exchange{ID: "wh_1", Method: "POST", URL: s.URL + "/data?x=1", Bytes: len(event), Status: 200, Took: result.Exchange.Took, Answer: "accepted"}
	if diff := cmp.Diff(exchange, result.Exchange); diff != "" {
		t.Error(diff)
	}
}

func TestTheEventIsNotCopied(t *testing.T) {
	raw := []byte(event)
	m := articleTo(t, "https://acme.example/", "")
	p, err := m.Resolve(raw)
	if err != nil {
		t.Fatal(err)
	}
	requests, err := m.Prepare("", p)
	if err != nil || len(requests) != 1 || &requests[0].Body[0] != &raw[0] {
		t.Errorf("requests %v, error %v: the body is another one", requests, err)
	}
}

func TestClasses(t *testing.T) {
	type want struct {
		class   destination.Class
		suspect bool
		after   time.Duration
	}
	for status, w := range map[int]want{
		200: {class: destination.ClassDelivered}, 204: {class: destination.ClassDelivered}, 299: {class: destination.ClassDelivered},
		301: {class: destination.ClassRejected}, 304: {class: destination.ClassRejected},
		400: {class: destination.ClassRejected}, 401: {class: destination.ClassUnavailable}, 402: {class: destination.ClassRejected},
		403: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second}, 404: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second},
		408: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second}, 410: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second},
		413: {class: destination.ClassRejected}, 423: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second},
		429: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second}, 460: {class: destination.ClassRejected},
		500: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second}, 501: {class: destination.ClassRejected},
		503: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second}, 599: {class: destination.ClassRetry, suspect: true, after: 7 * time.Second},
		700: {class: destination.ClassRejected},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "7")
			rw.Header().Set("Location", "https://user:hidden@acme.example/next")
			rw.WriteHeader(status)
		}))
		got := perform(t, articleTo(t, s.URL, ""), &http.Transport{})
		s.Close()
		if (want{got.Class, got.Suspect, got.After}) != w || got.Exchange.Status != status {
			t.Errorf("%d: %+v, want %+v", status, got, w)
		}
		if (got.Reason == "") != (w.class == destination.ClassDelivered) || strings.Contains(got.Reason, "hidden") {
			t.Errorf("%d: reason %q", status, got.Reason)
		}
	}
}

// broken is a transport that fails.
type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		err     error
		class   destination.Class
		code    string
		suspect bool
	}{
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, destination.ClassUnavailable, "ECONNREFUSED", false},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, destination.ClassRetry, "ECONNRESET", true},
		{io.EOF, destination.ClassRetry, "ECONNRESET", true},
		{io.ErrUnexpectedEOF, destination.ClassRetry, "ECONNRESET", true},
		{&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, destination.ClassUnavailable, "EHOSTUNREACH", false},
		{&net.OpError{Op: "dial", Err: syscall.ETIMEDOUT}, destination.ClassRetry, "ETIMEDOUT", true},
		{&net.DNSError{Name: "nowhere.invalid", IsNotFound: true}, destination.ClassUnavailable, "ENOTFOUND", false},
		{&net.DNSError{Name: "nowhere.invalid", IsTemporary: true}, destination.ClassUnavailable, "EAI_AGAIN", false},
		{&net.OpError{Op: "dial", Err: destination.ErrEgressRefused}, destination.ClassUnavailable, "EGRESS_REFUSED", false},
		{errors.New("net/http: HTTP/1.x transport connection broken: malformed HTTP response"), destination.ClassRetry, "HTTP_INVALID", true},
		{errors.New("remote error: tls: handshake failure"), destination.ClassUnavailable, "TLS_FAILED", false},
	} {
		got := perform(t, articleTo(t, "https://user:hidden@acme.example/", ""), broken{c.err})
		if got.Class != c.class || got.Code != c.code || got.Suspect != c.suspect || got.Reason == "" || got.Exchange == nil || got.Exchange.Status != 0 {
			t.Errorf("%v: %+v", c.err, got)
		}
		if strings.Contains(got.Exchange.URL+got.Reason, "hidden") {
			t.Errorf("%v: a password is shown: %+v", c.err, got)
		}
	}
	if got := perform(t, articleTo(t, "https://acme.example/", ""), broken{destination.ErrEgressRefused}); !strings.Contains(got.Reason, "--egress-allow") {
		t.Errorf("reason %q", got.Reason)
	}
}

func TestARealCertificateThatNobodyTrusts(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // the client hangs up on purpose
	s.StartTLS()
	defer s.Close()
	if got := perform(t, articleTo(t, s.URL, ""), &http.Transport{}); got.Class != destination.ClassUnavailable || got.Code != "TLS_FAILED" {
		t.Errorf("%+v", got)
	}
}

// write sends text to a peer who may have gone.
func write(w io.Writer, text string) {
	_, _ = io.WriteString(w, text) // what arrives is what the test looks at
}

// untilClosed waits for the peer to go.
func untilClosed(c net.Conn) {
	_, _ = io.Copy(io.Discard, c) // its end is all that is waited for
}

// piped is a transport whose connections are answered by serve, in this process.
func piped(serve func(net.Conn)) *http.Transport {
	return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			req, err := http.ReadRequest(bufio.NewReader(server))
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				return
			}
			serve(server)
		}()
		return client, nil
	}}
}

func TestNoAnswerInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		got := perform(t, articleTo(t, "http://acme.example/", ""), piped(untilClosed))
		if got.Class != destination.ClassRetry || got.Code != "ETIMEDOUT" || time.Since(begun) != destination.ExchangeTimeout {
			t.Errorf("after %v: %+v", time.Since(begun), got)
		}
	})
}

func TestABodyThatNeverEndsHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		got := perform(t, articleTo(t, "http://acme.example/", ""), piped(func(c net.Conn) {
			write(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nbegun")
			untilClosed(c)
		}))
		if got.Class != destination.ClassDelivered || got.Exchange.Answer != "begun" || time.Since(begun) != destination.ExchangeTimeout {
			t.Errorf("after %v: %+v", time.Since(begun), got)
		}
	})
}

func TestBrokenOffByUs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := articleTo(t, "http://acme.example/", "")
		p, err := m.Resolve([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		client := &http.Client{Transport: piped(untilClosed)}
		if got := m.Perform(ctx, client, "", p); got.Class != destination.ClassCanceled || got.Code != "CANCELED" {
			t.Errorf("%+v", got)
		}
	})
}

func TestAnswersAreBoundedAndShowNoSecret(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		write(w, r.Header.Get("Authorization")+" abc123 \xff"+strings.Repeat("é", 1<<20))
	}))
	defer s.Close()
	m := compile(t, `{"url":"`+s.URL+`","method":"POST","headers":{"Authorization":"Bearer token-1"}}`, `{"sharedSecret":"abc123"}`)
	got := perform(t, m, &http.Transport{})
	if a := got.Exchange.Answer; len(a) > record.AnswerBytesMax || strings.Contains(a, "abc123") || strings.Contains(a, "token-1") || !strings.HasPrefix(a, "<redacted> <redacted> \uFFFDé") || !strings.HasSuffix(a, "é") {
		t.Errorf("answer %q", a)
	}
}

func TestOrigin(t *testing.T) {
	for url, want := range map[string]string{
		"https://acme.example/a?b": "https://acme.example:443", "http://u:p@ACME.example:8080/": "http://acme.example:8080", "http://[::1]/": "http://[::1]:80", "mailto:x@acme.example": "actions-webhook",
	} {
		m := articleTo(t, url, "")
		p, err := m.Resolve([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Origin(p); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

func TestWhatCannotBeSentIsRejected(t *testing.T) {
	for fields, want := range map[string]string{
		`{"url":"mailto:x@acme.example","method":"POST"}`:                        "UNSUPPORTED_SCHEME Only HTTP(S) protocols are supported: mend the mapping",
		`{"url":"https://999.1.1.1/","method":"POST"}`:                           "PAYLOAD_VALIDATION_FAILED Invalid URL: mend the mapping",
		`{"url":"https://acme.example/","method":"POST","headers":{"X-A":"\n"}}`: "PAYLOAD_VALIDATION_FAILED \n is not a legal HTTP header value: mend the mapping",
		`{"url":"https://acme.example/","method":"POST","headers":{"X A":"x"}}`:  "PAYLOAD_VALIDATION_FAILED X A is not a legal HTTP header name: mend the mapping",
	} {
		got := perform(t, compile(t, fields, ""), broken{errors.New("sent all the same")})
		if got.Class != destination.ClassRejected || got.Code+" "+got.Reason != want || got.Exchange != nil {
			t.Errorf("%s: %+v", fields, got)
		}
	}
}

func TestCustomHeaders(t *testing.T) {
	var got http.Header
	var host string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, host = r.Header, r.Host }))
	defer s.Close()
	perform(t, compile(t, `{"url":"`+s.URL+`","method":"PUT","headers":{"X-L":"é","x-l":"b","Host":"other.example","User-Agent":"undefined","Content-Length":"5","Transfer-Encoding":"chunked","9":"n"}}`, ""), &http.Transport{})
	if host != "other.example" || got.Get("X-L") != "\xe9, b" || got.Get("User-Agent") != "Penstock" || got.Get("9") != "n" || got.Get("Content-Type") != "" || got.Get("Content-Length") != "0" {
		t.Errorf("host %q, headers %q", host, got)
	}
}

// The fields of the definition and the payload's struct are the same.
func TestDefinitionAgreesWithThePayload(t *testing.T) {
	var want []string
	for _, f := range New().Definition().Actions[0].Fields {
		if !f.OfApp {
			want = append(want, f.Key)
		}
	}
	var got []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[send]()) {
		got = append(got, f.Tag.Get("json"))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCompileNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ action, trigger, fields, settings, want string }{
		{"post", `type = "track"`, `{}`, ``, `read action: unknown action: actions-webhook has none called "post"; its actions are send`},
		{"send", `type!="track"`, `{"url":"https://a.example","method":"POST"}`, ``, "read trigger: at character 5: a lone `!`, or a `!=` without a space after it, is not read; expected `!= ` with a space after it, or `!` before a function"},
		{"send", `type = "track"`, `{"url":{"@pth":"$.a"}}`, ``, "read fields: /url has an invalid directive: @pth."},
		{"send", `type = "track"`, `{"url":"https://a.example","method":"POST","enable_batching":"maybe"}`, ``, "read fields: /enable_batching must be true or false"},
		{"send", `type = "track"`, `{"url":"acme","method":"GET","data":"x"}`, ``, "read fields: /url: URL must be a valid URI string but it was not.\nread fields: /method: Method must be one of: \"POST\", \"PUT\", or \"PATCH\".\nread fields: /data: Data must be an object but it was a string."},
		{"send", `type = "track"`, `{}`, ``, "read fields: /url: The root value is missing the required field 'url'.\nread fields: /method: The root value is missing the required field 'method'."},
		{"send", `type = "track"`, `{"url":"https://a.example","method":"POST"}`, `{"sharedSecret":{}}`, "read settings: Shared Secret must be a string but it was an object."},
		{"send", `type = "track"`, `[`, ``, "read fields: the mapping is not JSON"},
	} {
		_, err := destination.Compile(New(), destination.Spec{Action: c.action, Trigger: c.trigger, Fields: json.RawMessage(c.fields)}, json.RawMessage(c.settings))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s %s\n got %v\nwant %s", c.trigger, c.fields, err, c.want)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	var call destination.Call
	grab := grabber{New(), &call}
	m, err := destination.Compile(grab, destination.Spec{Action: "send", Trigger: `type = "track"`, Fields: json.RawMessage(strings.Replace(article, "%URL%", `"https://a.example"`, 1))}, json.RawMessage(`{"sharedSecret":"abc123"}`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Resolve([]byte(event))
	if err != nil {
		t.Fatal(err)
	}
	m.Perform(t.Context(), nil, "", p)
	encoded, err := json.Marshal(call.Settings)
	if err != nil {
		t.Fatal(err)
	}
	out := string(encoded) + call.Settings.String() + call.Settings.GoString() + call.Settings.LogValue().String()
	if strings.Contains(out, "abc123") || call.Settings.Text("sharedSecret") != "abc123" {
		t.Errorf("settings print as %s", out)
	}
}

// grabber keeps the call that it is given.
type grabber struct {
	*Webhook
	call *destination.Call
}

func (g grabber) Perform(_ context.Context, call *destination.Call) destination.Result {
	*g.call = *call
	return destination.Result{Class: destination.ClassDelivered}
}

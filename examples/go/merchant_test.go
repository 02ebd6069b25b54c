package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type object = map[string]any

// world is a world of the sandbox with a shop of its own.
type world struct {
	*testing.T
	shop   *Shop
	path   string       // Of the control API.
	broken atomic.Int32 // How many times sending goods still fails.
}

func sandboxURL() string {
	if url := os.Getenv("SANDBOX_URL"); url != "" {
		return url
	}
	return "http://127.0.0.1:8852"
}

// open starts a shop on a free port, and opens a world that sends its webhooks there.
func open(t *testing.T) *world {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String()
	w := &world{T: t}
	var keys struct{ ProcessingAccountID, KID, PrivateKey, HMACKey string }
	settings := object{"webhookUrl": url + "/webhooks"}
	w.control("POST", "/_sandbox/worlds", object{"clock": "2026-01-05T09:00:00Z", "settings": settings}, &keys)
	w.path = "/_sandbox/worlds/" + keys.ProcessingAccountID
	key, err := ParsePrivateKey(strings.ReplaceAll(keys.PrivateKey, "\n", `\n`))
	if err != nil {
		t.Fatal(err)
	}
	provider := Provider{sandboxURL(), keys.ProcessingAccountID, keys.KID, key, keys.HMACKey}
	w.shop = NewShop(provider, url, func(string) error {
		if w.broken.Add(-1) >= 0 {
			return errors.New("the warehouse is closed")
		}
		return nil
	})
	server.Config.Handler = w.shop
	server.Start()
	t.Cleanup(func() {
		w.control("DELETE", w.path, nil, nil)
		server.Close()
	})
	return w
}

func send(method, url string, content any) (int, []byte, error) {
	var body []byte
	if content != nil {
		body, _ = json.Marshal(content)
	}
	request, _ := http.NewRequest(method, url, bytes.NewReader(body))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	received, err := io.ReadAll(response.Body)
	return response.StatusCode, received, err
}

// control calls the control API. The path of the world is in front of a path without /_sandbox.
func (w *world) control(method, path string, content, into any) {
	w.Helper()
	if !strings.HasPrefix(path, "/_sandbox") {
		path = w.path + path
	}
	status, body, err := send(method, sandboxURL()+path, content)
	if err == nil && into != nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil || status >= 400 {
		w.Fatalf("%s %s: %d %s %v", method, path, status, body, err)
	}
}

// ask sends a request to the shop.
func (w *world) ask(expected int, method, path string, content any) string {
	w.Helper()
	status, body, err := send(method, w.shop.URL+path, content)
	if err != nil || status != expected {
		w.Fatalf("%s %s: expected %d, got %d %s %v", method, path, expected, status, body, err)
	}
	return string(body)
}

// buy creates the order 1001 and returns the id of its payment.
func (w *world) buy(value float64) string {
	w.Helper()
	body := w.ask(201, "POST", "/orders", object{"reference": "1001", "amount": value})
	if !strings.Contains(body, `"status":"unpaid"`) || !strings.Contains(body, `"paymentUrl":"http`) {
		w.Fatalf("unexpected order: %s", body)
	}
	return w.shop.find("1001").last().payment.ID
}

func (w *world) act(id, action string) {
	w.Helper()
	w.control("POST", "/payments/"+id+"/actions", object{"action": action}, nil)
	w.settle()
}

func (w *world) settle() {
	w.Helper()
	w.control("POST", "/settle", object{}, nil)
}

func (w *world) advance(by string) {
	w.Helper()
	w.control("POST", "/clock/advance", object{"by": by}, nil)
	w.settle()
}

func (w *world) scenario(scenario any) {
	w.Helper()
	w.control("POST", "/scenarios/next", object{"scenario": scenario}, nil)
}

// expect compares the order 1001 with status, paid amount, refunded amount and fulfilments.
func (w *world) expect(status string, paid, refunded float64, fulfilments int) {
	w.Helper()
	got := strings.TrimSpace(w.ask(200, "GET", "/orders/1001", nil))
	expected := fmt.Sprintf(`{"reference":"1001","status":"%s","paidAmount":%v,"refundedAmount":%v,"fulfilments":%d}`,
		status, paid, refunded, fulfilments)
	if got != expected {
		w.Fatalf("expected %s\ngot %s", expected, got)
	}
}

type sent struct {
	ID       string
	Attempts []struct{ Answer struct{ Status int } }
}

// notifications returns the newest notification first.
func (w *world) notifications() []sent {
	w.Helper()
	var list struct{ Data []sent }
	w.control("GET", "/notifications", nil, &list)
	return list.Data
}

// expectResponses compares the statuses that the shop gave to the attempts of the oldest notification.
func (w *world) expectResponses(expected string) {
	w.Helper()
	list := w.notifications()
	var statuses []int
	for _, attempt := range list[len(list)-1].Attempts {
		statuses = append(statuses, attempt.Answer.Status)
	}
	if got := fmt.Sprint(statuses); got != expected {
		w.Fatalf("expected the responses %s to the webhook, got %s", expected, got)
	}
}

func TestPaid(t *testing.T) {
	w := open(t)
	id := w.buy(200)
	w.expect("unpaid", 0, 0, 0)
	w.ask(200, "POST", "/orders", object{"reference": "1001", "amount": 200})
	w.ask(409, "POST", "/orders", object{"reference": "1001", "amount": 100})
	w.act(id, "pay")
	w.expect("paid", 200, 0, 1)
	w.expectResponses("[204]")
	w.ask(409, "POST", "/orders", object{"reference": "1001", "amount": 200})
	if list := w.ask(200, "GET", "/orders", nil); strings.Count(list, `"status":"captured"`) != 1 {
		t.Fatalf("unexpected list: %s", list)
	}
}

func TestDeclined(t *testing.T) {
	w := open(t)
	first := w.buy(200)
	w.act(first, "decline")
	w.expect("declined", 0, 0, 0)
	if second := w.buy(200); second == first {
		t.Fatal("the new attempt has the old payment")
	} else {
		w.act(second, "pay")
	}
	w.expect("paid", 200, 0, 1)
}

func TestNewsOfAnEarlierAttempt(t *testing.T) {
	w := open(t)
	w.scenario(object{"outcome": "decline", "after": "PT2S", "webhook": "late"})
	w.buy(200)
	w.advance("PT2S")
	w.ask(200, "GET", "/return?reference=1001", nil)
	w.expect("declined", 0, 0, 0)
	w.buy(200)
	w.advance("PT10M")
	w.expectResponses("[204]")
	w.expect("unpaid", 0, 0, 0)
}

func TestExpired(t *testing.T) {
	w := open(t)
	w.buy(200)
	w.advance("PT30M")
	w.expect("expired", 0, 0, 0)
}

func TestRetriedAfterTwoFailures(t *testing.T) {
	w := open(t)
	w.broken.Store(2)
	w.act(w.buy(200), "pay")
	w.expect("unpaid", 0, 0, 0)
	w.advance("PT2M")
	w.expect("unpaid", 0, 0, 0)
	w.advance("PT5M")
	w.expect("paid", 200, 0, 1)
	w.advance("P1D")
	w.expectResponses("[500 500 204]")
}

func TestDuplicateWebhook(t *testing.T) {
	w := open(t)
	w.scenario("webhook_twice")
	w.buy(200)
	w.advance("PT2S")
	w.expectResponses("[204 204]")
	w.expect("paid", 200, 0, 1)
}

func TestLostResponse(t *testing.T) {
	w := open(t)
	w.scenario("response_lost")
	w.act(w.buy(200), "pay")
	w.expect("paid", 200, 0, 1)
	match := object{"method": "POST", "path": "/v1/payments", "query": object{"idempotencyKey": "order-1001-1"}}
	w.control("POST", "/requests/verify", object{"match": match, "exactly": 2}, nil)
	if list := w.ask(200, "GET", "/orders", nil); strings.Count(list, `"merchantReference"`) != 1 {
		t.Fatalf("expected one payment: %s", list)
	}
}

func TestWebhookBeforeResponse(t *testing.T) {
	w := open(t)
	w.scenario("webhook_before_response")
	w.buy(200)
	w.settle()
	w.expectResponses("[204]")
	w.expect("paid", 200, 0, 1)
}

func TestPaymentWhoseResponseIsMissing(t *testing.T) {
	w := open(t)
	w.control("POST", "/scenarios/next", object{"scenario": "server_error_before", "times": 3}, nil)
	w.ask(502, "POST", "/orders", object{"reference": "1001", "amount": 200})
	w.expect("unpaid", 0, 0, 0)
	w.ask(204, "POST", "/jobs", nil)
	w.act(w.shop.find("1001").last().payment.ID, "pay")
	w.expect("paid", 200, 0, 1)
}

func TestPaidTwice(t *testing.T) {
	w := open(t)
	w.scenario("paid_late")
	w.buy(200)
	w.advance("PT2S")
	w.expect("expired", 0, 0, 0)
	w.act(w.buy(200), "pay")
	w.expect("paid", 200, 0, 1)
	w.advance("PT10M")
	w.expect("attention", 400, 0, 1)
	w.ask(201, "POST", "/orders/1001/refunds", nil)
	w.advance("PT2S")
	w.expect("partially_refunded", 400, 200, 1)
}

func TestPaidAfterItWasCancelled(t *testing.T) {
	w := open(t)
	id := w.buy(200)
	w.ask(200, "POST", "/orders/1001/cancel", nil)
	w.expect("cancelled", 0, 0, 0)
	w.act(id, "pay")
	w.expect("attention", 200, 0, 0)
	w.ask(409, "POST", "/orders/1001/cancel", nil)
}

func TestRefundThatFailsAfterItsSuccess(t *testing.T) {
	w := open(t)
	w.act(w.buy(200), "pay")
	w.scenario(object{"on": "refund", "failsLate": "PT10M"})
	w.ask(201, "POST", "/orders/1001/refunds", nil)
	w.ask(409, "POST", "/orders/1001/refunds", nil)
	w.advance("PT2S")
	w.expect("refunded", 200, 200, 1)
	w.advance("PT10M")
	w.expect("paid", 200, 0, 1)
}

func TestOnePartialRefund(t *testing.T) {
	w := open(t)
	w.act(w.buy(200), "pay")
	w.ask(201, "POST", "/orders/1001/refunds", object{"amount": 50})
	w.advance("PT2S")
	w.expect("partially_refunded", 200, 50, 1)
	refusal := w.ask(400, "POST", "/orders/1001/refunds", object{"amount": 50})
	if !strings.Contains(refusal, `"reason"`) {
		t.Fatalf("not the provider's refusal: %s", refusal)
	}
	w.control("POST", "/notifications/"+w.notifications()[0].ID+"/resend", object{}, nil)
	w.settle()
	w.expect("partially_refunded", 200, 50, 1)
}

func TestFailedRefund(t *testing.T) {
	w := open(t)
	w.act(w.buy(200), "pay")
	w.scenario(object{"on": "refund", "outcome": "fail"})
	w.ask(201, "POST", "/orders/1001/refunds", object{"amount": 50})
	w.advance("PT2S")
	w.expect("paid", 200, 0, 1)
	w.ask(201, "POST", "/orders/1001/refunds", object{"amount": 50})
	w.advance("PT2S")
	w.expect("partially_refunded", 200, 50, 1)
}

func TestRefund(t *testing.T) {
	w := open(t)
	w.ask(404, "POST", "/orders/1001/refunds", nil)
	id := w.buy(200)
	w.ask(409, "POST", "/orders/1001/refunds", nil)
	w.act(id, "pay")
	w.ask(201, "POST", "/orders/1001/refunds", nil)
	w.advance("PT2S")
	w.expect("refunded", 200, 200, 1)
}

func TestOldNewsChangesNothing(t *testing.T) {
	w := open(t)
	w.scenario("webhook_out_of_order")
	w.buy(200)
	w.advance("PT2S")
	w.ask(201, "POST", "/orders/1001/refunds", object{"amount": 50})
	w.advance("PT2S")
	w.expectResponses("[204]")
	w.expect("partially_refunded", 200, 50, 1)
}

func TestReturnAsksTheProvider(t *testing.T) {
	w := open(t)
	w.scenario("webhook_never")
	w.buy(200)
	if page := w.ask(200, "GET", "/return?reference=1001&status=captured", nil); !strings.Contains(page, "unpaid") {
		t.Fatalf("trusts the URL: %s", page)
	}
	w.ask(404, "GET", "/return?reference=1002", nil)
	w.advance("PT2S")
	var pages sync.WaitGroup
	for i := 0; i < 8; i++ {
		pages.Add(1)
		go func() {
			defer pages.Done()
			send("POST", w.shop.URL+"/return?reference=1001", nil)
		}()
	}
	pages.Wait()
	w.expect("paid", 200, 0, 1)
}

func TestResponseWithoutSignature(t *testing.T) {
	w := open(t)
	forger := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		io.WriteString(response, `{"id":"1","status":"captured","nextStep":{"redirect":{"url":"http://forger.example"}}}`)
	}))
	defer forger.Close()
	w.shop.BaseURL = forger.URL
	w.ask(502, "POST", "/orders", object{"reference": "1001", "amount": 200})
	w.expect("unpaid", 0, 0, 0)
}

func TestForgedWebhook(t *testing.T) {
	w := open(t)
	id := w.buy(200)
	key, url, soon := w.shop.HMACKey, w.shop.URL+"/webhooks", time.Now().Add(time.Minute).Unix()
	captured := func(id string, value float64) []byte {
		body, _ := json.Marshal(object{"id": fmt.Sprint(id, value), "type": "payment", "payload": object{"id": id,
			"merchantReference": "1001", "status": "captured", "amount": amount{value, "hkd"}}})
		return body
	}
	body, otherPayment, otherAmount := captured(id, 200), captured("other", 200), captured(id, 199)
	for _, forged := range []struct {
		name      string
		expected  int
		body      []byte
		signature string
	}{
		{"no signature", 401, body, ""},
		{"no JWS", 401, body, "!..!"},
		{"another key", 401, body, hs256("guess", body, url, soon)},
		{"another body", 401, body, hs256(key, otherAmount, url, soon)},
		{"another endpoint", 401, body, hs256(key, body, url+"/", soon)},
		{"expired", 401, body, hs256(key, body, url, soon-120)},
		{"another payment", 204, otherPayment, hs256(key, otherPayment, url, soon)},
		{"another amount", 204, otherAmount, hs256(key, otherAmount, url, soon)},
		{"genuine", 204, body, hs256(key, body, url, soon)},
	} {
		w.expect("unpaid", 0, 0, 0)
		request, _ := http.NewRequest("POST", url, bytes.NewReader(forged.body))
		request.Header.Add("X-Signature", hs256("the key before the rotation", forged.body, url, soon))
		request.Header.Add("X-Signature", forged.signature)
		response, err := http.DefaultClient.Do(request)
		if err != nil || response.StatusCode != forged.expected {
			t.Fatalf("%s: expected %d, got %v %v", forged.name, forged.expected, response, err)
		}
		response.Body.Close()
	}
	w.expect("paid", 200, 0, 1)
}

func TestWorldsInParallel(t *testing.T) {
	for i := 1; i <= 8; i++ {
		value := float64(i * 10)
		t.Run(fmt.Sprint("HKD ", value), func(t *testing.T) {
			w := open(t)
			w.act(w.buy(value), "pay")
			w.expect("paid", value, 0, 1)
		})
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"log"
	"regexp"
)

// A reference is a part of an idempotencyKey, which has 8 to 50 characters.
var isReference = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`).MatchString

// pass sends the provider's response on.
func (shop *Shop) pass(method, target string) (int, any) {
	status, body, err := shop.Call(method, target, nil)
	if err != nil {
		return 502, problem{err.Error()}
	}
	return status, json.RawMessage(body)
}

// create starts or continues an attempt to pay an order.
func (shop *Shop) create(body []byte) (int, any) {
	var wanted struct {
		Reference string
		Amount    float64
	}
	if err := json.Unmarshal(body, &wanted); err != nil || !isReference(wanted.Reference) {
		return 400, problem{"expected a reference of 1 to 32 letters, digits, - or _, and an amount"}
	}
	order, price := shop.add(wanted.Reference), amount{wanted.Amount, "hkd"}
	order.Lock()
	defer order.Unlock()
	hasOtherPrice := len(order.attempts) > 0 && order.price != price
	if order.captured() > 0 || order.cancelled || hasOtherPrice {
		return 409, order.view()
	}
	order.price = price
	attempt, code := order.current(), 200
	if attempt.payment.ID == "" {
		code = 201
		switch status, response, err := shop.start(order, attempt); {
		case err != nil:
			return 502, problem{err.Error()}
		case status/100 != 2:
			return status, json.RawMessage(response)
		}
	}
	return code, map[string]string{"reference": order.reference, "status": order.status(),
		"paymentUrl": attempt.payment.NextStep.Redirect.URL}
}

// start sends the request of the newest attempt. With the same key again it makes no second payment.
func (shop *Shop) start(order *order, attempt *attempt) (int, []byte, error) {
	status, response, err := shop.Call("POST", "/v1/payments?idempotencyKey="+attempt.key, map[string]any{
		"processingAccountId": shop.ProcessingAccountID, "merchantReference": order.reference, "amount": order.price,
		"paymentMethod": map[string]any{"type": "alipay_hk", "alipayHk": map[string]string{
			"returnUrl": shop.URL + "/return?reference=" + order.reference, "flowType": "qr_link"}},
	})
	switch {
	case err != nil: // Perhaps there is a payment.
	case status/100 != 2:
		order.attempts = order.attempts[:len(order.attempts)-1] // There is no payment.
	default:
		err = json.Unmarshal(response, &attempt.payment)
		shop.addPayment(attempt.payment.ID, order)
	}
	return status, response, err
}

// findLost finds a payment whose response was lost: it is in the response to the same request, with the same key.
func (shop *Shop) findLost(order *order) error {
	if last := order.last(); last != nil && last.payment.ID == "" {
		_, _, err := shop.start(order, last)
		return err
	}
	return nil
}

// ask reads the open payments of an order from the provider.
func (shop *Shop) ask(order *order) error {
	if err := shop.findLost(order); err != nil {
		return err
	}
	for _, attempt := range order.attempts {
		if attempt.status != "unpaid" {
			continue
		}
		var state payment
		if err := shop.Read(attempt.payment.TrackingURL, &state); err != nil {
			return err
		}
		if err := shop.note(order, attempt, state.Status); err != nil {
			return err
		}
	}
	return nil
}

var failures = map[string]string{"declined": "declined", "rejected": "declined", "aborted": "expired",
	"cancelled": "expired", "failed": "expired"}

// note applies the status of a payment. Captured money stays captured. The goods are sent once, and first: if that
// fails, nothing is noted.
func (shop *Shop) note(order *order, attempt *attempt, status string) error {
	isPaid := status == "captured" || status == "partially_refunded" || status == "refunded"
	if failure, hasFailed := failures[status]; hasFailed && attempt.status != "paid" {
		attempt.status = failure
	}
	if !isPaid || attempt.status == "paid" {
		return nil
	}
	// After a full refund nothing is sent any more.
	if order.fulfilments == 0 && !order.cancelled && status != "refunded" {
		if err := shop.sendGoods(order.reference); err != nil {
			return err
		}
		order.fulfilments++
	}
	attempt.status = "paid"
	return nil
}

// cancel cancels an order that is not paid. The provider knows whether it is.
func (shop *Shop) cancel(order *order) (int, any) {
	order.Lock()
	defer order.Unlock()
	if err := shop.ask(order); err != nil {
		return 502, problem{err.Error()}
	}
	if order.captured() > 0 {
		return 409, order.view()
	}
	order.cancelled = true
	return 200, order.view()
}

// refund refunds an amount, or all that is left.
func (shop *Shop) refund(order *order, body []byte) (int, any) {
	var wanted struct{ Amount *float64 }
	if err := json.Unmarshal(body, &wanted); len(body) > 0 && err != nil {
		return 400, problem{err.Error()}
	}
	order.Lock()
	defer order.Unlock()
	if err := shop.ask(order); err != nil {
		return 502, problem{err.Error()}
	}
	paymentID, left := order.held()
	if paymentID == "" || order.isRefunding() { // The second click finds the refund of the first one.
		return 409, order.view()
	}
	name := fmt.Sprintf("refund-%s-%d", order.reference, len(order.refunds)+1)
	content := map[string]any{"merchantReference": name}
	if wanted.Amount != nil {
		content["amount"], left = amount{*wanted.Amount, "hkd"}, cents(*wanted.Amount)
	}
	status, response, err := shop.Call("POST", "/v1/payments/"+paymentID+"/refunds?idempotencyKey="+name, content)
	var accepted payment
	if err == nil && status/100 == 2 {
		err = json.Unmarshal(response, &accepted)
		order.noteRefund(accepted.ID, refund{paymentID, left, "pending"}) // Its notification says whether it succeeds.
	}
	if err != nil {
		return 502, problem{err.Error()}
	}
	return status, json.RawMessage(response)
}

// returned shows what the provider says. Anybody can open the URL, so it proves nothing.
func (shop *Shop) returned(order *order) (int, any) {
	order.Lock()
	defer order.Unlock()
	if err := shop.ask(order); err != nil {
		log.Print(err)
		return 500, "We cannot read your payment now. We confirm it by e-mail.\n"
	}
	return 200, fmt.Sprintf("Order %s is %s.\n", order.reference, order.status())
}

// askAboutAll is for a job that runs every few minutes: some payments are never notified, some payers never return.
func (shop *Shop) askAboutAll() (int, any) {
	for _, order := range shop.all() {
		order.Lock()
		if err := shop.ask(order); err != nil {
			log.Print(err)
		}
		order.Unlock()
	}
	return 204, nil
}

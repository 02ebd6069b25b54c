package main

import (
	"encoding/json"
	"fmt"
	"log"
	"regexp"
	"time"
)

// A reference is a part of an idempotencyKey, which has 8 to 50 characters.
var isReference = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`).MatchString

// pass sends the provider's response on.
func (shop *Shop) pass(method, target string, content any) (int, any) {
	status, body, err := shop.Call(method, target, content)
	if err != nil {
		return 502, problem{err.Error()}
	}
	return status, json.RawMessage(body)
}

func toPay(order order) any {
	return map[string]string{"reference": order.Reference, "status": order.Status,
		"paymentUrl": order.payment.NextStep.Redirect.URL}
}

func (shop *Shop) create(body []byte) (int, any) {
	var wanted struct {
		Reference string
		Amount    float64
	}
	if err := json.Unmarshal(body, &wanted); err != nil || !isReference(wanted.Reference) {
		return 400, problem{"expected a reference of 1 to 32 letters, digits, - or _, and an amount"}
	}
	price, attempt := amount{wanted.Amount, "hkd"}, 1
	if order, known := shop.find(wanted.Reference); known {
		switch {
		case order.amount != price || rank[order.Status] >= rank["paid"]:
			return 409, problem{fmt.Sprintf("order %s of %v is %s", order.Reference, order.amount.Value, order.Status)}
		case order.Status == "unpaid":
			return 200, toPay(order)
		}
		attempt = order.attempts + 1
	}
	key := fmt.Sprintf("order-%s-%d", wanted.Reference, attempt)
	status, response, err := shop.Call("POST", "/v1/payments?idempotencyKey="+key, map[string]any{
		"processingAccountId": shop.ProcessingAccountID, "merchantReference": wanted.Reference, "amount": price,
		"paymentMethod": map[string]any{"type": "alipay_hk", "alipayHk": map[string]string{
			"returnUrl": shop.URL + "/return?reference=" + wanted.Reference, "flowType": "qr_link"}},
	})
	var created payment
	switch {
	case err != nil:
		return 502, problem{err.Error()}
	case status/100 != 2:
		return status, json.RawMessage(response)
	case json.Unmarshal(response, &created) != nil:
		return 502, problem{"the response is not JSON"}
	}
	return 201, toPay(shop.begin(wanted.Reference, price, attempt, created))
}

func (shop *Shop) refund(reference string, body []byte) (int, any) {
	order, known := shop.find(reference)
	if !known {
		return 404, problem{"not found"}
	}
	var wanted struct{ Amount *float64 }
	if err := json.Unmarshal(body, &wanted); len(body) > 0 && err != nil {
		return 400, problem{err.Error()}
	}
	name := fmt.Sprintf("refund-%s-%d", reference, order.refunds+1)
	content := map[string]any{"merchantReference": name}
	if wanted.Amount != nil {
		content["amount"] = amount{*wanted.Amount, "hkd"}
	}
	status, response := shop.pass("POST", "/v1/payments/"+order.payment.ID+"/refunds?idempotencyKey="+name, content)
	if status/100 == 2 {
		shop.refundAccepted(reference, order.refunds+1)
	}
	return status, response
}

// returned shows what the provider says. Anybody can open the URL, so it proves nothing.
func (shop *Shop) returned(reference string) (int, any) {
	order, known := shop.find(reference)
	if !known {
		return 404, "There is no such order.\n"
	}
	var state payment
	err := shop.Read(order.payment.TrackingURL, &state)
	if err == nil {
		err = shop.update(state)
	}
	if err != nil {
		log.Print(err)
		return 500, "We cannot read your payment now. We confirm it by e-mail.\n"
	}
	order, _ = shop.find(reference)
	return 200, fmt.Sprintf("Order %s is %s.\n", reference, order.Status)
}

func (shop *Shop) webhook(signatures string, body []byte) (int, any) {
	if !VerifyWebhook(shop.HMACKey, signatures, shop.URL+"/webhooks", body, time.Now()) {
		return 401, problem{"the signature is not valid"}
	}
	var news notification
	err := json.Unmarshal(body, &news)
	state := news.Payload
	if err == nil && news.Type == "refund" { // The notification has only the refund.
		state = payment{}
		err = shop.Read("/v1/payments/"+news.Payload.PaymentID, &state)
	}
	if err == nil && (news.Type == "refund" || news.Type == "payment") {
		err = shop.notify(news, state)
	}
	if err != nil { // The provider sends it again.
		log.Print(err)
		return 500, problem{err.Error()}
	}
	return 204, nil
}

package main

import (
	"encoding/json"
	"errors"
	"log"
	"time"
)

type notification struct {
	Type    string
	Payload payment
}

// webhook handles a notification. After an error the provider sends it again. A second one changes nothing.
func (shop *Shop) webhook(signatures string, body []byte) (int, any) {
	if !VerifyWebhook(shop.HMACKey, signatures, shop.URL+"/webhooks", body, time.Now()) {
		return 401, problem{"the signature is not valid"}
	}
	var news notification
	err := json.Unmarshal(body, &news)
	switch {
	case err != nil:
	case news.Type == "payment":
		err = shop.onPayment(news.Payload)
	case news.Type == "refund":
		err = shop.onRefund(news.Payload)
	}
	if err != nil {
		log.Print(err)
		return 500, problem{err.Error()}
	}
	return 204, nil
}

// onPayment applies a payment that the order started. The reference only says where to look: it proves nothing.
func (shop *Shop) onPayment(news payment) error {
	order := shop.ofPayment(news.ID)
	if order == nil {
		order = shop.find(news.MerchantReference)
	}
	if order == nil {
		return nil
	}
	order.Lock()
	defer order.Unlock()
	if err := shop.findLost(order); err != nil {
		return err
	}
	for _, attempt := range order.attempts {
		if attempt.payment.ID == news.ID && news.Amount != nil && *news.Amount == order.price {
			return shop.note(order, attempt, news.Status)
		}
	}
	log.Printf("the order %s did not start the payment %s with this amount", order.reference, news.ID)
	return nil
}

func (shop *Shop) onRefund(news payment) error {
	order := shop.ofPayment(news.PaymentID)
	if order == nil || news.Amount == nil {
		return errors.New("no order has the payment " + news.PaymentID + " yet")
	}
	order.Lock()
	defer order.Unlock()
	// A refund's notification can come before that of its payment.
	if err := shop.ask(order); err != nil {
		return err
	}
	var state payment
	if err := shop.Read(news.TrackingURL, &state); err != nil {
		return err
	}
	order.noteRefund(news.ID, refund{news.PaymentID, cents(news.Amount.Value), state.Status})
	return nil
}

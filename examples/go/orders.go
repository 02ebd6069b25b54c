package main

import (
	"errors"
	"fmt"
	"math"
	"sync"
)

// order is what the shop knows of an order. The exported members are the response of GET /orders/{reference}.
type order struct {
	Reference      string  `json:"reference"`
	Status         string  `json:"status"`
	PaidAmount     float64 `json:"paidAmount"`
	RefundedAmount float64 `json:"refundedAmount"`
	Fulfilments    int     `json:"fulfilments"`
	amount         amount
	payment        payment // The payment of the newest attempt.
	attempts       int
	refunds        int
}

// orders keeps the state in memory. In a shop with a database, each method that locks is one transaction.
type orders struct {
	// sendGoods runs once for each order. If it fails nothing changes, and the webhook comes again.
	sendGoods   func(reference string) error
	lock        sync.Mutex
	byReference map[string]*order
	byPayment   map[string]*order // By the id of each payment that the order created.
	handled     map[string]bool   // Ids of notifications.
}

type notification struct {
	ID, Type string
	Payload  payment
}

// Status of an order by the status of its payment, and its rank. An order never moves to a lower rank.
var statusOf = map[string]string{"captured": "paid", "partially_refunded": "partially_refunded", "refunded": "refunded",
	"declined": "declined", "rejected": "declined", "aborted": "expired", "cancelled": "expired", "failed": "expired"}
var rank = map[string]int{"declined": 1, "expired": 1, "paid": 2, "partially_refunded": 3, "refunded": 4}

func newOrders(sendGoods func(reference string) error) *orders {
	return &orders{sendGoods: sendGoods, byReference: map[string]*order{}, byPayment: map[string]*order{},
		handled: map[string]bool{}}
}

// find returns a copy of the order.
func (orders *orders) find(reference string) (order, bool) {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	if found := orders.byReference[reference]; found != nil {
		return *found, true
	}
	return order{}, false
}

// begin records a new attempt to pay. A second call with the same attempt changes nothing.
func (orders *orders) begin(reference string, price amount, attempt int, created payment) order {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	found := orders.byReference[reference]
	if found == nil {
		found = &order{Reference: reference, amount: price}
		orders.byReference[reference] = found
	}
	if found.attempts < attempt {
		found.Status, found.payment, found.attempts = "unpaid", created, attempt
		orders.byPayment[created.ID] = found
	}
	return *found
}

// refundAccepted makes the next refund use another idempotencyKey.
func (orders *orders) refundAccepted(reference string, number int) {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	orders.byReference[reference].refunds = number
}

// update moves an order on to the state of its payment.
func (orders *orders) update(state payment) error {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	return orders.apply(state)
}

// notify handles a notification once. The work and the mark are one step: a failure leaves neither.
func (orders *orders) notify(news notification, state payment) error {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	if orders.handled[news.ID] {
		return nil
	}
	if err := orders.apply(state); err != nil {
		return err
	}
	refunded := news.Payload.Status == "refunded" || news.Payload.Status == "partially_refunded"
	if order := orders.byPayment[state.ID]; news.Type == "refund" && refunded && news.Payload.Amount != nil {
		total := math.Round((order.RefundedAmount+news.Payload.Amount.Value)*100) / 100
		order.RefundedAmount = math.Min(total, order.PaidAmount)
	}
	orders.handled[news.ID] = true
	return nil
}

// apply finds the order by the payment that it created. The reference alone proves nothing. The caller has the lock.
func (orders *orders) apply(state payment) error {
	order, status := orders.byPayment[state.ID], statusOf[state.Status]
	switch {
	case order == nil: // Perhaps the response that names the payment is still on its way. The webhook comes again.
		return errors.New("no order has the payment " + state.ID)
	case order.payment.ID != state.ID || rank[status] <= rank[order.Status]:
		return nil // It is about an earlier attempt, or old.
	case state.Amount != nil && *state.Amount != order.amount:
		return fmt.Errorf("the amount of payment %s is not that of order %s", state.ID, order.Reference)
	case order.Fulfilments == 0 && (status == "paid" || status == "partially_refunded"):
		if err := orders.sendGoods(order.Reference); err != nil {
			return err
		}
		order.Fulfilments++
	}
	if order.Status = status; rank[status] >= rank["paid"] {
		order.PaidAmount = order.amount.Value
	}
	if status == "refunded" {
		order.RefundedAmount = order.PaidAmount
	}
	return nil
}

package main

import (
	"fmt"
	"math"
	"strings"
	"sync"
)

// attempt is one try to pay. Its idempotencyKey is the same until the provider has answered.
type attempt struct {
	key     string
	status  string  // unpaid, paid, declined or expired.
	payment payment // Its ID is empty until the provider has answered.
}

type refund struct {
	paymentID string
	cents     int64
	status    string
}

// order is what the shop knows of an order. Its status follows from its payments and refunds, so nothing moves it back.
// The lock makes what concerns an order happen one after the other.
type order struct {
	sync.Mutex
	reference   string
	price       amount
	attempts    []*attempt        // Oldest first.
	refunds     map[string]refund // By their ids.
	fulfilments int
	cancelled   bool
}

// view is the response of GET /orders/{reference}.
type view struct {
	Reference      string  `json:"reference"`
	Status         string  `json:"status"`
	PaidAmount     float64 `json:"paidAmount"`
	RefundedAmount float64 `json:"refundedAmount"`
	Fulfilments    int     `json:"fulfilments"`
}

func cents(value float64) int64 { return int64(math.Round(value * 100)) }

// last returns the newest attempt, or nil.
func (order *order) last() *attempt {
	if len(order.attempts) == 0 {
		return nil
	}
	return order.attempts[len(order.attempts)-1]
}

// current returns the attempt to pay now: a new one with a new key after one that failed.
func (order *order) current() *attempt {
	if last := order.last(); last == nil || last.status != "unpaid" {
		key := fmt.Sprintf("order-%s-%d", order.reference, len(order.attempts)+1)
		order.attempts = append(order.attempts, &attempt{key: key, status: "unpaid"})
	}
	return order.last()
}

func (order *order) captured() (total int64) {
	for _, attempt := range order.attempts {
		if attempt.status == "paid" {
			total += cents(order.price.Value)
		}
	}
	return total
}

// refunded returns what one payment gave back, or all payments if the id is empty.
func (order *order) refunded(paymentID string) (total int64) {
	for _, refund := range order.refunds {
		if strings.HasSuffix(refund.status, "refunded") && (paymentID == "" || refund.paymentID == paymentID) {
			total += refund.cents
		}
	}
	return total
}

// held returns the newest payment that still holds money, and how much.
func (order *order) held() (paymentID string, left int64) {
	for _, attempt := range order.attempts {
		rest := cents(order.price.Value) - order.refunded(attempt.payment.ID)
		if attempt.status == "paid" && rest > 0 {
			paymentID, left = attempt.payment.ID, rest
		}
	}
	return paymentID, left
}

func (order *order) isRefunding() bool {
	for _, refund := range order.refunds {
		if refund.status == "pending" {
			return true
		}
	}
	return false
}

var refundProgress = map[string]int{"pending": 0, "partially_refunded": 1, "refunded": 1, "failed": 2}

// noteRefund keeps the latest status of a refund. It can fail after its success, but not the other way round.
func (order *order) noteRefund(id string, latest refund) {
	if old, known := order.refunds[id]; !known || refundProgress[latest.status] >= refundProgress[old.status] {
		order.refunds[id] = latest
	}
}

func (order *order) status() string {
	captured, refunded := order.captured(), order.refunded("")
	held, last := captured-refunded, order.last()
	switch {
	case held > cents(order.price.Value), order.cancelled && held > 0:
		return "attention" // A human must look: it was paid twice, or after it was cancelled.
	case captured == 0 && order.cancelled:
		return "cancelled"
	case captured == 0 && last != nil:
		return last.status
	case captured == 0:
		return "unpaid"
	case refunded == 0:
		return "paid"
	case held > 0:
		return "partially_refunded"
	}
	return "refunded"
}

func (order *order) view() view {
	return view{order.reference, order.status(), float64(order.captured()) / 100, float64(order.refunded("")) / 100,
		order.fulfilments}
}

// orders keeps the orders in memory.
type orders struct {
	lock        sync.Mutex
	byReference map[string]*order
	byPayment   map[string]*order // By the id of each payment that the order started.
}

func newOrders() *orders {
	return &orders{byReference: map[string]*order{}, byPayment: map[string]*order{}}
}

// add returns the order with the reference, which may be new.
func (orders *orders) add(reference string) *order {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	if orders.byReference[reference] == nil {
		orders.byReference[reference] = &order{reference: reference, refunds: map[string]refund{}}
	}
	return orders.byReference[reference]
}

func (orders *orders) addPayment(paymentID string, order *order) {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	orders.byPayment[paymentID] = order
}

// find returns the order with the reference, or nil.
func (orders *orders) find(reference string) *order {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	return orders.byReference[reference]
}

// ofPayment returns the order that started the payment, or nil.
func (orders *orders) ofPayment(paymentID string) *order {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	return orders.byPayment[paymentID]
}

func (orders *orders) all() (all []*order) {
	orders.lock.Lock()
	defer orders.lock.Unlock()
	for _, order := range orders.byReference {
		all = append(all, order)
	}
	return all
}

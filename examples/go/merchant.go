// A shop that takes Alipay HK through NomuPay's API.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// Shop is the merchant's server.
type Shop struct {
	Provider
	*orders
	URL       string                       // Its address, as the payer and the provider see it.
	sendGoods func(reference string) error // Runs once for each order. After an error it runs again.
}

type problem struct {
	Error string `json:"error"`
}

func NewShop(provider Provider, url string, sendGoods func(reference string) error) *Shop {
	return &Shop{Provider: provider, orders: newOrders(), URL: url, sendGoods: sendGoods}
}

func (shop *Shop) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, 1<<16))
	status, content := 400, any(problem{"the body is incomplete or too long"})
	if err == nil {
		status, content = shop.route(request, body)
	}
	if text, isText := content.(string); isText {
		response.WriteHeader(status)
		io.WriteString(response, text)
		return
	}
	response.Header().Set("Content-Type", "application/json")
	response.WriteHeader(status)
	if content != nil {
		json.NewEncoder(response).Encode(content)
	}
}

// net/http has patterns with a method and {reference} since Go 1.22.
func (shop *Shop) route(request *http.Request, body []byte) (int, any) {
	path := strings.Split(strings.TrimPrefix(request.URL.Path, "/"), "/")
	reference := request.URL.Query().Get("reference")
	if len(path) > 1 {
		reference, path[1] = path[1], "{reference}"
	}
	order := shop.find(reference)
	switch route := request.Method + " /" + strings.Join(path, "/"); {
	case route == "POST /orders":
		return shop.create(body)
	case route == "GET /orders":
		query := url.Values{"processingAccountId": {shop.ProcessingAccountID}, "limit": {"100"}}
		return shop.pass("GET", "/v1/payments?"+query.Encode())
	case route == "POST /webhooks":
		return shop.webhook(signatures(request.Header), body)
	case route == "POST /jobs": // A scheduler calls this. A server that the internet reaches must protect it.
		return shop.askAboutAll()
	case order == nil:
	case route == "GET /orders/{reference}":
		order.Lock()
		defer order.Unlock()
		return 200, order.view()
	case route == "POST /orders/{reference}/refunds":
		return shop.refund(order, body)
	case route == "POST /orders/{reference}/cancel":
		return shop.cancel(order)
	case route == "GET /return", route == "POST /return":
		return shop.returned(order)
	}
	return 404, problem{"not found"}
}

func variable(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// required ends the program without the variable: with an empty HMAC key, anybody could sign a webhook.
func required(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("%s is not set", name)
	}
	return value
}

func main() {
	port := variable("PORT", "3000")
	key, err := ParsePrivateKey(required("NOMUPAY_PRIVATE_KEY"))
	if err != nil {
		log.Fatal(err)
	}
	provider := Provider{
		BaseURL: required("NOMUPAY_BASE_URL"), ProcessingAccountID: required("NOMUPAY_PROCESSING_ACCOUNT_ID"),
		KID: required("NOMUPAY_KID"), PrivateKey: key, HMACKey: required("NOMUPAY_HMAC_KEY"),
	}
	shop := NewShop(provider, variable("SHOP_URL", "http://127.0.0.1:"+port), func(reference string) error {
		log.Printf("send the goods of order %s", reference)
		return nil
	})
	log.Printf("The shop is at %s", shop.URL)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, shop))
}

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
	URL string // Its address, as the payer and the provider see it.
}

type problem struct {
	Error string `json:"error"`
}

func NewShop(provider Provider, url string, sendGoods func(reference string) error) *Shop {
	return &Shop{Provider: provider, orders: newOrders(sendGoods), URL: url}
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
	switch route := request.Method + " " + path[0]; {
	case route == "POST orders" && len(path) == 1:
		return shop.create(body)
	case route == "GET orders" && len(path) == 1:
		query := url.Values{"processingAccountId": {shop.ProcessingAccountID}, "limit": {"100"}}
		return shop.pass("GET", "/v1/payments?"+query.Encode(), nil)
	case route == "GET orders" && len(path) == 2:
		if order, known := shop.find(path[1]); known {
			return 200, order
		}
	case route == "POST orders" && len(path) == 3 && path[2] == "refunds":
		return shop.refund(path[1], body)
	case path[0] == "return" && len(path) == 1: // The provider may use GET or POST.
		return shop.returned(request.URL.Query().Get("reference"))
	case route == "POST webhooks" && len(path) == 1:
		return shop.webhook(signatures(request.Header), body)
	}
	return 404, problem{"not found"}
}

func variable(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func main() {
	port := variable("PORT", "3000")
	key, err := ParsePrivateKey(os.Getenv("NOMUPAY_PRIVATE_KEY"))
	if err != nil {
		log.Fatal(err)
	}
	provider := Provider{
		BaseURL: os.Getenv("NOMUPAY_BASE_URL"), ProcessingAccountID: os.Getenv("NOMUPAY_PROCESSING_ACCOUNT_ID"),
		KID: os.Getenv("NOMUPAY_KID"), PrivateKey: key, HMACKey: os.Getenv("NOMUPAY_HMAC_KEY"),
	}
	shop := NewShop(provider, variable("SHOP_URL", "http://127.0.0.1:"+port), func(reference string) error {
		log.Printf("send the goods of order %s", reference)
		return nil
	})
	log.Printf("The shop is at %s", shop.URL)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, shop))
}

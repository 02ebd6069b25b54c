package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Provider calls NomuPay's API. It signs each request, and verifies each response before it is used.
type Provider struct {
	BaseURL             string
	ProcessingAccountID string
	KID                 string
	PrivateKey          *ecdsa.PrivateKey
	HMACKey             string
}

type amount struct {
	Value    float64 `json:"value"`
	Currency string  `json:"currency"`
}

// payment has the members of a payment that the shop uses, and of a refund: PaymentID is only in a refund.
type payment struct {
	ID, Status, TrackingURL, MerchantReference, PaymentID string

	Amount   *amount // A track has none.
	NextStep struct{ Redirect struct{ URL string } }
}

// A client that waits longer than the provider's slowest response would hide a lost one.
var client = http.Client{Timeout: 8 * time.Second}

// ParsePrivateKey reads PKCS #8 in PEM. In an environment variable, line breaks may be the two characters \n.
func ParsePrivateKey(text string) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return nil, errors.New("NOMUPAY_PRIVATE_KEY is not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, isECDSA := parsed.(*ecdsa.PrivateKey)
	if !isECDSA || key.Curve != elliptic.P256() {
		return nil, errors.New("NOMUPAY_PRIVATE_KEY is not a key on the curve P-256")
	}
	return key, nil
}

// Call sends a request at most 3 times, until it has a response. This is safe for a GET, and for a POST with an
// idempotencyKey: also a 500 does not say whether the provider has carried out the request. The last one is an error.
func (provider *Provider) Call(method, target string, content any) (status int, body []byte, err error) {
	for attempt := 1; attempt <= 3; attempt++ {
		status, body, err = provider.send(method, target, content)
		if err == nil && status < 500 {
			return status, body, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%s %s: %d %s", method, target, status, body)
	}
	return status, body, err
}

// Read gets a resource. A refusal is an error.
func (provider *Provider) Read(target string, into any) error {
	status, body, err := provider.Call("GET", target, nil)
	if err != nil {
		return err
	}
	if status != 200 {
		return fmt.Errorf("GET %s: %d %s", target, status, body)
	}
	return json.Unmarshal(body, into)
}

func (provider *Provider) send(method, target string, content any) (int, []byte, error) {
	var sent []byte // Without content the body is empty, not "null" or "{}".
	if content != nil {
		sent, _ = json.Marshal(content)
	}
	request, err := http.NewRequest(method, provider.BaseURL+target, bytes.NewReader(sent))
	if err != nil {
		return 0, nil, err
	}
	signature, err := SignRequest(provider.PrivateKey, provider.KID, method, target, sent, time.Now())
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Signature", signature)
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && !VerifyResponse(provider.HMACKey, signatures(response.Header), body, time.Now()) {
		err = fmt.Errorf("%s %s: the signature of the response (%d) is not valid", method, target, response.StatusCode)
	}
	return response.StatusCode, body, err
}

// During a rotation of keys there are several lines X-Signature. Header.Get returns only the first one.
func signatures(header http.Header) string { return strings.Join(header.Values("X-Signature"), ", ") }

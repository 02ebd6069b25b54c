package main

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type vector struct {
	Name, Method, Target, URL, Key string
	Payload                        []byte // encoding/json reads base64 into bytes.
	Signature, RightSignature      *string
	Verdict                        string
}

type vectorFile struct {
	Now     int64
	Keys    []struct{ KID, PrivateKey, PublicKey, Key string }
	Vectors []vector
}

func readVectors(t *testing.T, name string) (file vectorFile, now time.Time) {
	folder := os.Getenv("VECTORS")
	if folder == "" {
		folder = "../../fixtures/vectors"
	}
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil || len(file.Vectors) == 0 {
		t.Fatalf("%s: %d vectors, %v", name, len(file.Vectors), err)
	}
	return file, time.Unix(file.Now, 0)
}

func judge(t *testing.T, vector vector, accepted func(signature string) bool) {
	signature := ""
	if vector.Signature != nil {
		signature = *vector.Signature
	}
	if accepted(signature) != (vector.Verdict == "accepted") {
		t.Errorf("%s: expected %s", vector.Name, vector.Verdict)
	}
	if vector.RightSignature != nil && !accepted(*vector.RightSignature) {
		t.Errorf("%s: the right signature is refused", vector.Name)
	}
}

func TestResponseVectors(t *testing.T) {
	file, now := readVectors(t, "responses.json")
	for _, vector := range file.Vectors {
		judge(t, vector, func(signature string) bool {
			return VerifyResponse(vector.Key, signature, vector.Payload, now)
		})
	}
}

func TestWebhookVectors(t *testing.T) {
	file, now := readVectors(t, "webhooks.json")
	for _, vector := range file.Vectors {
		judge(t, vector, func(signature string) bool {
			return VerifyWebhook(vector.Key, signature, vector.URL, vector.Payload, now)
		})
	}
}

func TestRequestVectors(t *testing.T) {
	file, now := readVectors(t, "requests.json")
	publicKeys := map[string]*ecdsa.PublicKey{}
	for _, key := range file.Keys {
		block, _ := pem.Decode([]byte(key.PublicKey))
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		publicKeys[key.KID] = parsed.(*ecdsa.PublicKey)
	}
	kid := file.Keys[0].KID
	privateKey, err := ParsePrivateKey(file.Keys[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range file.Vectors {
		accepted := func(signature string) bool {
			return es256(publicKeys, signature, vector.Method+" "+vector.Target, vector.Payload, now)
		}
		judge(t, vector, accepted)
		signed, err := SignRequest(privateKey, kid, vector.Method, vector.Target, vector.Payload, now)
		if err != nil || !accepted(signed) {
			t.Errorf("%s: our own signature is refused: %s %v", vector.Name, signed, err)
		}
	}
}

// es256 verifies a request as the provider does.
func es256(keys map[string]*ecdsa.PublicKey, jws, aud string, body []byte, now time.Time) bool {
	parts := strings.Split(jws, ".")
	if len(parts) != 3 || parts[1] != "" {
		return false
	}
	header, headerErr := base64.RawURLEncoding.Strict().DecodeString(parts[0])
	signature, signatureErr := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	var claims object
	if headerErr != nil || signatureErr != nil || len(signature) != 64 || json.Unmarshal(header, &claims) != nil {
		return false
	}
	kid, _ := claims["kid"].(string)
	exp, _ := claims["exp"].(float64)
	ahead := exp - float64(now.Unix())
	if claims["alg"] != "ES256" || claims["crit"] != nil || claims["aud"] != aud || ahead <= 0 || ahead > 300 {
		return false
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + encode(body)))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return keys[kid] != nil && ecdsa.Verify(keys[kid], digest[:], r, s)
}

// hs256 signs a webhook as the provider does.
func hs256(key string, body []byte, aud string, exp int64) string {
	header, _ := json.Marshal(object{"alg": "HS256", "kid": "any", "aud": aud, "exp": exp})
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(encode(header) + "." + encode(body)))
	return encode(header) + ".." + encode(mac.Sum(nil))
}

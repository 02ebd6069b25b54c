package main

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// SignRequest returns a detached JWS (ES256) over the exact body. The signature is r and s, 32 bytes each, not DER.
func SignRequest(key *ecdsa.PrivateKey, kid, method, target string, body []byte, now time.Time) (string, error) {
	claims := map[string]any{"alg": "ES256", "kid": kid, "aud": method + " " + target, "exp": now.Unix() + 180}
	header, _ := json.Marshal(claims)
	digest := sha256.Sum256([]byte(encode(header) + "." + encode(body)))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return "", err
	}
	return encode(header) + ".." + encode(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)), nil
}

// VerifyResponse and VerifyWebhook report whether the provider signed these bytes. A response has no aud.
func VerifyResponse(key, jws string, body []byte, now time.Time) bool {
	return verify(key, jws, body, nil, now)
}
func VerifyWebhook(key, jws, url string, body []byte, now time.Time) bool {
	return verify(key, jws, body, url, now)
}

func verify(key, signatures string, body []byte, aud any, now time.Time) bool {
	for _, jws := range strings.Split(signatures, ", ") {
		protected, signature, _ := strings.Cut(jws, "..")
		header, err := base64.RawURLEncoding.DecodeString(protected)
		var claims map[string]any // Not a struct: encoding/json would also take "ALG" for its member Alg.
		known := err == nil && json.Unmarshal(header, &claims) == nil && claims["alg"] == "HS256"
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(protected + "." + encode(body)))
		genuine := known && claims["crit"] == nil && hmac.Equal([]byte(signature), []byte(encode(mac.Sum(nil))))
		if exp, _ := claims["exp"].(float64); genuine && claims["aud"] == aud && exp > float64(now.UnixMilli())/1000 {
			return true
		}
	}
	return false
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

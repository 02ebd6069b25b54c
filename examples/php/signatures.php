<?php

declare(strict_types=1);

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

/** Returns a detached JWS (ES256) over the exact body: '' if there is none. The target is the path with its query. */
function signRequest(string $method, string $target, string $body, string $kid, string $privateKey, int $now): string
{
    $header = ['alg' => 'ES256', 'kid' => $kid, 'aud' => "$method $target", 'exp' => $now + 180];
    $header = base64url(json_encode($header, JSON_THROW_ON_ERROR));
    openssl_sign("$header." . base64url($body), $der, $privateKey, OPENSSL_ALGO_SHA256);
    // DER is 30 length, 02 length r, 02 length s. A JWS has r and s with exactly 32 bytes each.
    $r = substr($der, 4, ord($der[3]));
    $s = substr($der, 6 + strlen($r));
    $fixed = fn (string $integer): string => str_pad(ltrim($integer, "\0"), 32, "\0", STR_PAD_LEFT);
    return "$header.." . base64url($fixed($r) . $fixed($s));
}

function verifyResponse(string $signatures, string $body, string $secret, int $now): bool
{
    return isSigned($signatures, $body, $secret, null, $now);
}

function verifyWebhook(string $signatures, string $body, string $secret, string $url, int $now): bool
{
    return isSigned($signatures, $body, $secret, $url, $now);
}

function isSigned(string $signatures, string $body, string $secret, ?string $aud, int $now): bool
{
    foreach (explode(', ', $signatures) as $jws) {  // two during a rotation of keys; one valid signature suffices
        [$header, $payload, $signature] = substr_count($jws, '.') === 2 ? explode('.', $jws) : ['', '', ''];
        $claims = json_decode((string) base64_decode(strtr($header, '-_', '+/'), true), true);
        if (!is_array($claims) || ($claims['alg'] ?? null) !== 'HS256' || isset($claims['crit'])) continue;
        $exp = $claims['exp'] ?? null;
        if ((!is_int($exp) && !is_float($exp)) || $exp <= $now || ($claims['aud'] ?? null) !== $aud) continue;
        $expected = base64url(hash_hmac('sha256', "$header." . base64url($body), $secret, true));
        if ($payload === '' && hash_equals($expected, $signature)) return true;
    }
    return false;
}

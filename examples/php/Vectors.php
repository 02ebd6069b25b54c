<?php

declare(strict_types=1);

/** The test vectors of fixtures/vectors, or of the folder VECTORS. */
final class Vectors
{
    /** @return array<string, array> arguments for a test, by the name of the vector */
    public static function of(string $file): array
    {
        $folder = getenv('VECTORS') ?: __DIR__ . '/../../fixtures/vectors';
        $content = json_decode(file_get_contents("$folder/$file.json"), true, 512, JSON_THROW_ON_ERROR);
        $arguments = fn (array $vector): array => [$vector, $content['now'], $content['keys']];
        return array_map($arguments, array_column($content['vectors'], null, 'name'));
    }

    /** Verifies a request as the provider does. */
    public static function isValidRequest(array $vector, string $signature, int $now, array $keys): bool
    {
        if (!preg_match('/^([\w-]+)\.\.([\w-]+)$/D', $signature, $parts)) return false;
        [$json, $signed] = array_map(self::decode(...), [$parts[1], $parts[2]]);
        if ("$parts[1]..$parts[2]" !== base64url($json) . '..' . base64url($signed)) return false;
        $header = json_decode($json, true);
        if (!is_array($header) || ($header['alg'] ?? null) !== 'ES256' || isset($header['crit'])) return false;
        ['kid' => $kid, 'aud' => $aud, 'exp' => $exp] = $header + ['kid' => null, 'aud' => null, 'exp' => null];
        $publicKey = is_string($kid) ? array_column($keys, 'publicKey', 'kid')[$kid] ?? null : null;
        if ($publicKey === null || $aud !== "{$vector['method']} {$vector['target']}") return false;
        if ((!is_int($exp) && !is_float($exp)) || $exp <= $now || $exp > $now + 300) return false;
        if (strlen($signed) !== 64) return false;
        $message = "$parts[1]." . base64url(base64_decode($vector['payload']));
        return openssl_verify($message, self::der($signed), $publicKey, OPENSSL_ALGO_SHA256) === 1;
    }

    private static function decode(string $text): string
    {
        return (string) base64_decode(strtr($text, '-_', '+/'), true);
    }

    /** Converts r and s of 32 bytes each to DER, which OpenSSL reads. An integer with its first bit set is negative. */
    private static function der(string $signed): string
    {
        $integers = '';
        foreach (str_split($signed, 32) as $bytes) {
            $bytes = ltrim($bytes, "\0");
            if ($bytes === '' || ord($bytes[0]) > 127) $bytes = "\0$bytes";
            $integers .= "\x02" . chr(strlen($bytes)) . $bytes;
        }
        return "\x30" . chr(strlen($integers)) . $integers;
    }
}

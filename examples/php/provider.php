<?php

declare(strict_types=1);

require_once __DIR__ . '/signatures.php';

/** The provider's API, with the variables of the merchant: NOMUPAY_BASE_URL and so on. */
final class Provider
{
    private const ATTEMPTS = 3;

    /** @param array<string, string> $config */
    public function __construct(private array $config)
    {
    }

    public function account(): string
    {
        return $this->config['NOMUPAY_PROCESSING_ACCOUNT_ID'];
    }

    /** Returns the status and the content of a verified answer. Throws if there is none after three attempts. */
    public function call(string $method, string $target, ?array $content = null): array
    {
        $body = $content === null ? '' : json_encode($content, JSON_THROW_ON_ERROR);
        $key = str_replace('\n', "\n", $this->config['NOMUPAY_PRIVATE_KEY']);
        for ($attempt = 1; $attempt <= self::ATTEMPTS; $attempt++) {
            $signature = signRequest($method, $target, $body, $this->config['NOMUPAY_KID'], $key, time());
            $context = stream_context_create(['http' => [
                'method' => $method, 'content' => $body, 'timeout' => 15, 'ignore_errors' => true,
                'follow_location' => 0,
                'header' => ['Content-Type: application/json', "X-Signature: $signature"],
            ]]);
            $answer = @file_get_contents($this->config['NOMUPAY_BASE_URL'] . $target, false, $context);
            // No answer, a part of one, or an error: the request may have had its effect. Repeat the same one.
            if ($answer === false || !$this->isVerified($http_response_header, $answer)) continue;
            $status = (int) explode(' ', $http_response_header[0])[1];
            if ($status < 500) return [$status, json_decode($answer, true, 512, JSON_THROW_ON_ERROR)];
        }
        throw new RuntimeException("No verified answer to $method $target.");
    }

    /** Returns the present status of a payment or a refund. */
    public function track(string $trackingUrl): string
    {
        [$status, $content] = $this->call('GET', $trackingUrl);
        return $status === 200 ? $content['status'] : throw new RuntimeException("$status for GET $trackingUrl.");
    }

    /** @param string[] $lines one X-Signature line for each key */
    private function isVerified(array $lines, string $answer): bool
    {
        $signatures = preg_replace('/^X-Signature: */i', '', preg_grep('/^X-Signature:/i', $lines));
        return verifyResponse(implode(', ', $signatures), $answer, $this->config['NOMUPAY_HMAC_KEY'], time());
    }
}

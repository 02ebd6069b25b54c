<?php

declare(strict_types=1);

// A shop that sells with Alipay HK. router.php serves it over HTTP.
require_once __DIR__ . '/shop.php';

/** The routes of the shop. */
final class Merchant
{
    private Shop $shop;

    /** @param array<string, string> $config the NOMUPAY_* variables, SHOP_URL and SHOP_FILE */
    public function __construct(private array $config)
    {
        $this->shop = new Shop(new Provider($config), new Orders($config['SHOP_FILE']), $config['SHOP_URL']);
    }

    /** Returns the status and the content of the answer. */
    public function handle(string $method, string $target, string $body, string $signature): array
    {
        [$path, $query] = explode('?', $target, 2) + [1 => ''];
        parse_str($query, $parameters);
        $order = $this->shop->order(explode('/', $path)[2] ?? $parameters['reference'] ?? '');
        return match ("$method " . ($order ? preg_replace('~^/orders/[^/]+~', '/orders/{reference}', $path) : $path)) {
            'POST /webhooks' => $this->receive($body, $signature),
            'POST /orders' => $this->createOrder(json_decode($body, true)),
            'GET /orders' => $this->shop->payments(),
            'GET /orders/{reference}' => [200, $order->view()],
            'POST /orders/{reference}/refunds' => $this->refund($order, json_decode($body ?: '{}', true)),
            'POST /orders/{reference}/cancel' => $this->shop->cancel($order),
            'GET /return', 'POST /return' => $order ? $this->showReturn($order) : [404, "Unknown order.\n"],
            // cron calls this. A server that the internet reaches must protect it.
            'POST /jobs' => $this->shop->askAboutAll(),
            default => [404, ['error' => 'not found']],
        };
    }

    private function createOrder(mixed $wanted): array
    {
        ['reference' => $reference, 'amount' => $amount] = (array) $wanted + ['reference' => null, 'amount' => null];
        $isReference = is_string($reference) && preg_match('/^[\w.-]{1,40}$/D', $reference);
        if (!$isReference || (!is_int($amount) && !is_float($amount))) return [400, ['error' => 'reference or amount']];
        return $this->shop->pay($reference, $amount);
    }

    /** Answers 2xx only after the work. What throws here is a 500, and the provider sends the notification again. */
    private function receive(string $body, string $signature): array
    {
        ['NOMUPAY_HMAC_KEY' => $secret, 'SHOP_URL' => $url] = $this->config;
        if (!verifyWebhook($signature, $body, $secret, "$url/webhooks", time())) return [401, ['error' => 'signature']];
        ['type' => $type, 'payload' => $payload] = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
        if ($type === 'payment') $this->shop->onPayment($payload);
        if ($type === 'refund') $this->shop->onRefund($payload);
        return [204, null];
    }

    /** Shows the payer what the provider says. The URL proves nothing. */
    private function showReturn(Order $order): array
    {
        return [200, "Order $order->reference: {$this->shop->ask($order)->status()}\n"];
    }

    private function refund(Order $order, mixed $wanted): array
    {
        $amount = is_array($wanted) ? $wanted['amount'] ?? null : false;
        if (!is_int($amount) && !is_float($amount) && $amount !== null) return [400, ['error' => 'amount']];
        return $this->shop->refund($order, $amount);
    }
}

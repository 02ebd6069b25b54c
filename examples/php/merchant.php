<?php

declare(strict_types=1);

// A shop that sells with Alipay HK. router.php serves it over HTTP.
require_once __DIR__ . '/orders.php';
require_once __DIR__ . '/provider.php';

final class Merchant
{
    private Provider $provider;
    private Orders $orders;

    /** @param array<string, string> $config the NOMUPAY_* variables, SHOP_URL and SHOP_FILE */
    public function __construct(private array $config)
    {
        $this->provider = new Provider($config);
        $this->orders = new Orders($config['SHOP_FILE']);
    }

    /** Returns the status and the content of the answer. */
    public function handle(string $method, string $target, string $body, string $signature): array
    {
        [$path, $query] = explode('?', $target, 2) + [1 => ''];
        parse_str($query, $parameters);
        $order = $this->orders->find(explode('/', $path)[2] ?? $parameters['reference'] ?? '');
        $account = $this->config['NOMUPAY_PROCESSING_ACCOUNT_ID'];
        return match ("$method " . ($order ? preg_replace('~^/orders/[^/]+~', '/orders/{reference}', $path) : $path)) {
            'POST /webhooks' => $this->receive($body, $signature),
            'POST /orders' => $this->createOrder(json_decode($body, true)),
            'GET /orders' => $this->provider->call('GET', "/v1/payments?processingAccountId=$account&limit=100"),
            'GET /orders/{reference}' => [200, Orders::view($order)],
            'POST /orders/{reference}/refunds' => $this->refund($order, json_decode($body ?: '{}', true)),
            'GET /return', 'POST /return' => $order ? $this->showReturn($order) : [404, "Unknown order.\n"],
            default => [404, ['error' => 'not found']],
        };
    }

    private function createOrder(mixed $wanted): array
    {
        ['reference' => $reference, 'amount' => $amount] = (array) $wanted + ['reference' => null, 'amount' => null];
        $isReference = is_string($reference) && preg_match('/^[\w.-]{1,40}$/D', $reference);
        if (!$isReference || (!is_int($amount) && !is_float($amount))) return [400, ['error' => 'reference or amount']];
        $order = $this->orders->find($reference);
        $payment = $order ? end($order['payments']) : ['status' => 'none'];
        $isClosed = $order && ($order['amount'] != $amount || Orders::isPaid($payment['status']));
        if ($isClosed) return [409, Orders::view($order)];
        $isNew = $payment['status'] !== 'unpaid';
        if ($isNew) {
            // The key is the same until a response arrives, and a new one after a failed payment.
            $key = "order-$reference-" . (count($order['payments'] ?? []) + 1);
            $returnUrl = "{$this->config['SHOP_URL']}/return?reference=$reference";
            [$status, $created] = $this->provider->call('POST', "/v1/payments?idempotencyKey=$key", [
                'processingAccountId' => $this->config['NOMUPAY_PROCESSING_ACCOUNT_ID'],
                'merchantReference' => $reference,
                'amount' => ['value' => $amount, 'currency' => 'hkd'],
                'paymentMethod' => ['type' => 'alipay_hk', 'alipayHk' => [
                    'returnUrl' => $returnUrl, 'flowType' => 'qr_link',
                ]],
            ]);
            if ($status >= 300) return [$status, $created];
            $this->orders->addPayment($reference, $amount, $created);
            $payment['url'] = $created['nextStep']['redirect']['url'];
        }
        return [$isNew ? 201 : 200, ['reference' => $reference, 'status' => 'unpaid', 'paymentUrl' => $payment['url']]];
    }

    /** Handles a notification once. What throws here is a 500: nothing is marked, and the provider sends it again. */
    private function receive(string $body, string $signature): array
    {
        ['NOMUPAY_HMAC_KEY' => $secret, 'SHOP_URL' => $url] = $this->config;
        if (!verifyWebhook($signature, $body, $secret, "$url/webhooks", time())) return [401, ['error' => 'signature']];
        ['id' => $id, 'type' => $type, 'payload' => $news] = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
        if (!in_array($type, ['payment', 'refund'], true)) return [204, null];
        $paymentId = $news[$type === 'refund' ? 'paymentId' : 'id'];
        $order = $this->orders->ofPayment($paymentId);
        ['value' => $value, 'currency' => $currency] = $news['amount'];
        if ($type === 'payment' && ($value != $order['amount'] || $currency !== 'hkd')) {
            error_log("Notification $id has another amount than the order {$order['reference']}: it is not paid.");
            return [204, null];
        }
        $status = $this->statusOf($order, $paymentId);
        $refund = $type === 'refund' ? $this->provider->track($news['trackingUrl']) : 'none';
        if (in_array('pending', [$status, $refund], true)) throw new RuntimeException("$id is ahead of the API.");
        $returned = in_array($refund, ['refunded', 'partially_refunded'], true) ? $value : 0;
        $this->orders->progress($paymentId, $status, $id, $type === 'refund' ? [$news['id'] => $returned] : []);
        return [204, null];
    }

    private function showReturn(array $order): array
    {
        $paymentId = array_key_last($order['payments']);
        $this->orders->progress($paymentId, $this->statusOf($order, $paymentId));
        ['reference' => $reference, 'status' => $status] = Orders::view($this->orders->find($order['reference']));
        return [200, "Order $reference: $status\n"];
    }

    /** Asks the provider for the present status: a notification can be old, and a URL invented. */
    private function statusOf(array $order, string $paymentId): string
    {
        return $this->provider->track($order['payments'][$paymentId]['track']);
    }

    private function refund(array $order, mixed $wanted): array
    {
        if (!is_array($wanted)) return [400, ['error' => 'The body is not a JSON object.']];
        ['reference' => $reference, 'payments' => $payments, 'refunds' => $refunds] = $order;
        $paymentId = array_key_last($payments);
        // Two requests at once have the same key: a double click is one refund.
        $number = count($refunds) + 1;
        $content = ['merchantReference' => "$reference-refund-$number"];
        if (isset($wanted['amount'])) $content['amount'] = ['value' => $wanted['amount'], 'currency' => 'hkd'];
        $target = "/v1/payments/$paymentId/refunds?idempotencyKey=refund-$paymentId-$number";
        [$status, $refund] = $this->provider->call('POST', $target, $content);
        if ($status < 300) $this->orders->addRefund($reference, $refund['id']);
        return [$status, $refund];
    }
}

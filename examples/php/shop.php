<?php

declare(strict_types=1);

require_once __DIR__ . '/orders.php';
require_once __DIR__ . '/provider.php';

/** What the shop does with its orders at the provider. Each route returns the status and the content of the answer. */
final class Shop
{
    public function __construct(private Provider $provider, private Orders $orders, private string $url)
    {
    }

    public function order(string $reference): ?Order
    {
        return $this->orders->find($reference);
    }

    /** Returns the provider's list. */
    public function payments(): array
    {
        return $this->provider->call('GET', "/v1/payments?processingAccountId={$this->provider->account()}&limit=100");
    }

    /** Starts or continues an attempt to pay an order. */
    public function pay(string $reference, int|float $amount): array
    {
        $order = $this->orders->find($reference);
        $isClosed = $order && ($order->amount != $amount || $order->captured() > 0 || $order->isCancelled);
        if ($isClosed) return [409, $order->view()];
        $new = new Order($reference, $amount);
        $order = $this->orders->change($reference, fn (Order $order) => $order->attempt(), $new);
        $isNew = $order->attempt()['id'] === null;
        if ($isNew) {
            [$status, $answer] = $this->create($order, $order->attempt());
            if ($status >= 300) return [$status, $answer];
            $order = $this->orders->find($reference);
        }
        $payment = ['reference' => $reference, 'status' => 'unpaid', 'paymentUrl' => $order->attempt()['url']];
        return [$isNew ? 201 : 200, $payment];
    }

    /** Cancels an order that is not paid. The provider knows whether it is. */
    public function cancel(Order $order): array
    {
        if ($this->ask($order)->captured() > 0) return [409, $this->orders->find($order->reference)->view()];
        $cancel = function (Order $order): void {
            $order->isCancelled = $order->captured() === 0;
        };
        return [200, $this->orders->change($order->reference, $cancel)->view()];
    }

    /** Refunds an amount, or all if it is null. */
    public function refund(Order $order, int|float|null $amount): array
    {
        $order = $this->ask($order);
        [$paymentId, $left] = $order->refundable();
        // A second click finds the first refund pending. Two clicks at once have the same key.
        $isBusy = in_array('pending', array_column($order->refunds, 'status'), true);
        if ($paymentId === null || $isBusy) return [409, $order->view()];
        $number = count($order->refunds) + 1;
        $content = ['merchantReference' => "$order->reference-refund-$number"];
        if ($amount !== null) $content['amount'] = ['value' => $amount, 'currency' => 'hkd'];
        $target = "/v1/payments/$paymentId/refunds?idempotencyKey=refund-$paymentId-$number";
        [$status, $refund] = $this->provider->call('POST', $target, $content);
        $amount ??= $left;
        // The refund's notification says whether it succeeds.
        if ($status < 300) $this->refundIs($order, $refund['id'], 'pending', $paymentId, $amount);
        return [$status, $refund];
    }

    /** A notification only makes the shop ask the provider. So an old one, or a second one, changes nothing. */
    public function onPayment(array $payload): void
    {
        ['id' => $paymentId, 'amount' => ['value' => $value, 'currency' => $currency]] = $payload;
        $order = $this->orders->ofPayment($paymentId) ?? $this->orders->find($payload['merchantReference']);
        if ($order === null) return;
        if ($value != $order->amount || $currency !== 'hkd') {
            error_log("The payment $paymentId has another amount than the order $order->reference.");
            return;
        }
        $this->ask($order, $paymentId);
    }

    public function onRefund(array $payload): void
    {
        $paymentId = $payload['paymentId'];
        $order = $this->orders->ofPayment($paymentId) ?? throw new RuntimeException("No order has $paymentId yet.");
        $status = $this->provider->track($payload['trackingUrl']);
        if ($status === 'pending') throw new RuntimeException("The refund {$payload['id']} is ahead of the API.");
        $this->ask($order, $paymentId);
        $this->refundIs($order, $payload['id'], $status, $paymentId, $payload['amount']['value']);
    }

    /** For a job that runs every few minutes: some payments are never notified, and some payers never return. */
    public function askAboutAll(): array
    {
        foreach ($this->orders->all() as $order) {
            try {
                $this->ask($order);
            } catch (RuntimeException $problem) {
                error_log((string) $problem);
            }
        }
        return [204, null];
    }

    /**
     * Asks the provider for the open payments of an order, and for the one that a notification names. A payment whose
     * response was lost is found by the same request again, with the same key.
     */
    public function ask(Order $order, string $notified = ''): Order
    {
        foreach ($order->attempts as $attempt) {
            if ($attempt['id'] === null) $this->create($order, $attempt);
        }
        $order = $this->orders->find($order->reference) ?? $order;
        foreach ($order->attempts as ['id' => $id, 'status' => $old]) {
            if ($id === null || ($old !== 'unpaid' && ($id !== $notified || $old === 'paid'))) continue;
            $track = array_column($order->attempts, 'track', 'id')[$id];
            $status = $this->provider->track($track);
            if ($status === 'pending' && $id === $notified) throw new RuntimeException("$id is ahead of the API.");
            $order = $this->orders->change($order->reference, fn (Order $order) => $order->paymentIs($id, $status));
        }
        return $order;
    }

    /** Sends the request of an attempt, again with the same key if its response is missing. */
    private function create(Order $order, array $attempt): array
    {
        $returnUrl = "$this->url/return?reference=$order->reference";
        [$status, $created] = $this->provider->call('POST', "/v1/payments?idempotencyKey={$attempt['key']}", [
            'processingAccountId' => $this->provider->account(),
            'merchantReference' => $order->reference,
            'amount' => ['value' => $order->amount, 'currency' => 'hkd'],
            'paymentMethod' => ['type' => 'alipay_hk', 'alipayHk' => [
                'returnUrl' => $returnUrl, 'flowType' => 'qr_link',
            ]],
        ]);
        $key = $attempt['key'];
        $store = fn (Order $order) => $status < 300 ? $order->payment($key, $created) : $order->refused($key);
        $this->orders->change($order->reference, $store);
        return [$status, $created];
    }

    private function refundIs(Order $order, string $id, string $status, string $paymentId, int|float $amount): void
    {
        $store = fn (Order $order) => $order->refundIs($id, $status, $paymentId, $amount);
        $this->orders->change($order->reference, $store);
    }
}

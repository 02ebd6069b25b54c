<?php

declare(strict_types=1);

/**
 * The orders of the shop, in a JSON file: the processes of `php -S` share no memory. A real shop has a database.
 * A change is made whole or not at all, by one process at a time.
 */
final class Orders
{
    private const NEW = ['payments' => [], 'refunds' => [], 'fulfilments' => 0];
    private const PROGRESS = ['unpaid', 'expired', 'declined', 'paid', 'partially_refunded', 'refunded'];

    public function __construct(private string $file)
    {
    }

    public function find(string $reference): ?array
    {
        return $this->read()['orders'][$reference] ?? null;
    }

    /** Returns the order that created the payment. A notification's merchantReference does not prove that. */
    public function ofPayment(string $paymentId): array
    {
        foreach ($this->read()['orders'] as $order) {
            if (isset($order['payments'][$paymentId])) return $order;
        }
        throw new RuntimeException("No order has the payment $paymentId. The response may still be on its way.");
    }

    /** Adds the payment that a response has. */
    public function addPayment(string $reference, int|float $amount, array $created): void
    {
        $this->change(function (array &$records) use ($reference, $amount, $created): void {
            $order = &$records['orders'][$reference];
            $order ??= ['reference' => $reference, 'amount' => $amount] + self::NEW;
            $url = $created['nextStep']['redirect']['url'];
            $payment = ['status' => 'unpaid', 'track' => $created['trackingUrl'], 'url' => $url];
            $order['payments'][$created['id']] ??= $payment;
        });
    }

    /** Adds a refund that has not given back anything yet. */
    public function addRefund(string $reference, string $refundId): void
    {
        $this->change(function (array &$records) use ($reference, $refundId): void {
            $records['orders'][$reference]['refunds'][$refundId] ??= 0;
        });
    }

    /**
     * Moves a payment forward, never back. The goods are sent and the notification is marked in the same change.
     *
     * @param string $status of the provider
     * @param array<string, int|float> $refunds what the refunds have given back, by their ids
     */
    public function progress(string $paymentId, string $status, string $notificationId = '', array $refunds = []): void
    {
        $reference = $this->ofPayment($paymentId)['reference'];
        $new = match ($status) {
            'captured' => 'paid',
            'partially_refunded', 'refunded', 'declined' => $status,
            'rejected' => 'declined',
            'aborted', 'cancelled', 'failed' => 'expired',
            default => 'unpaid',
        };
        $this->change(function (array &$records) use ($reference, $paymentId, $new, $notificationId, $refunds): void {
            if (isset($records['notifications'][$notificationId])) return;
            if ($notificationId !== '') $records['notifications'][$notificationId] = true;
            $order = &$records['orders'][$reference];
            $order['refunds'] = $refunds + $order['refunds'];
            $old = $order['payments'][$paymentId]['status'];
            if (array_search($new, self::PROGRESS) <= array_search($old, self::PROGRESS)) return;
            $order['payments'][$paymentId]['status'] = $new;
            // After a full refund nothing is sent any more.
            if (!self::isPaid($old) && self::isPaid($new) && $new !== 'refunded') $order['fulfilments']++;
        });
    }

    /** Returns what the shop shows of an order. */
    public static function view(array $order): array
    {
        $status = end($order['payments'])['status'];
        return [
            'reference' => $order['reference'],
            'status' => $status,
            'paidAmount' => self::isPaid($status) ? $order['amount'] : 0,
            'refundedAmount' => $status === 'refunded' ? $order['amount'] : round(array_sum($order['refunds']), 2),
            'fulfilments' => $order['fulfilments'],
        ];
    }

    public static function isPaid(string $status): bool
    {
        return in_array($status, ['paid', 'partially_refunded', 'refunded'], true);
    }

    private function read(): array
    {
        if (!file_exists($this->file)) return ['orders' => [], 'notifications' => []];
        return json_decode((string) file_get_contents($this->file), true, 512, JSON_THROW_ON_ERROR);
    }

    /** @param callable(array): void $change gets the records by reference */
    private function change(callable $change): void
    {
        $lock = @fopen("$this->file.lock", 'c') ?: throw new RuntimeException("$this->file.lock cannot be opened.");
        try {
            flock($lock, LOCK_EX);
            $records = $this->read();
            $change($records);
            // A process that is killed while it writes leaves the old file.
            $isWritten = @file_put_contents("$this->file.new", json_encode($records, JSON_THROW_ON_ERROR));
            if (!$isWritten || !@rename("$this->file.new", $this->file)) throw new RuntimeException("$this->file cannot be written.");
        } finally {
            fclose($lock);
        }
    }
}

<?php

declare(strict_types=1);

/** An order. Its status follows from its payments and refunds, so nothing can move it back. Amounts are in HKD. */
final class Order
{
    private const UNPAID = ['declined' => 'declined', 'rejected' => 'declined', 'aborted' => 'expired',
        'cancelled' => 'expired', 'failed' => 'expired'];
    private const PAID = ['captured', 'partially_refunded', 'refunded'];
    private const REFUND_PROGRESS = ['pending', 'partially_refunded', 'refunded', 'failed'];

    /** @var array<int, array> attempts to pay, oldest first: key, status, and what the response has: id, track, url */
    public array $attempts = [];
    /** @var array<string, array> refunds by their ids: paymentId, amount, status */
    public array $refunds = [];
    public int $fulfilments = 0;
    public bool $isCancelled = false;

    public function __construct(public string $reference, public int|float $amount)
    {
    }

    /** Returns the attempt to pay now, which is a new one after a failed one. Its key is stored before it is sent. */
    public function attempt(): array
    {
        $number = count($this->attempts);
        $isOver = $number > 0 && $this->attempts[$number - 1]['status'] !== 'unpaid';
        if ($number === 0 || $isOver) {
            $key = "order-$this->reference-" . ($number + 1);
            $this->attempts[] = ['key' => $key, 'status' => 'unpaid', 'id' => null];
        }
        return end($this->attempts);
    }

    /** Stores the response to the request with a key. */
    public function payment(string $key, array $created): void
    {
        foreach ($this->attempts as &$attempt) {
            if ($attempt['key'] !== $key) continue;
            $attempt['url'] = $created['nextStep']['redirect']['url'] ?? null;
            [$attempt['id'], $attempt['track']] = [$created['id'], $created['trackingUrl']];
        }
    }

    /** Removes the attempt with a key: the provider made no payment. */
    public function refused(string $key): void
    {
        $isOther = fn (array $attempt): bool => $attempt['key'] !== $key || $attempt['id'] !== null;
        $this->attempts = array_values(array_filter($this->attempts, $isOther));
    }

    /** Applies the provider's status of a payment. Captured money stays captured. The goods are sent once. */
    public function paymentIs(string $id, string $status): void
    {
        foreach ($this->attempts as &$attempt) {
            if ($attempt['id'] !== $id || $attempt['status'] === 'paid') continue;
            $isPaid = in_array($status, self::PAID, true);
            $attempt['status'] = $isPaid ? 'paid' : self::UNPAID[$status] ?? $attempt['status'];
            // After a full refund nothing is sent any more.
            $isDue = $isPaid && $status !== 'refunded' && !$this->isCancelled;
            if ($isDue && $this->fulfilments === 0) $this->fulfilments++;
        }
    }

    /** Applies the provider's status of a refund. It can fail after its success, but not the other way round. */
    public function refundIs(string $id, string $status, string $paymentId, int|float $amount): void
    {
        $rank = fn (string $status): int|false => array_search($status, self::REFUND_PROGRESS, true);
        $old = $this->refunds[$id]['status'] ?? 'pending';
        $new = $rank($status) >= $rank($old) ? $status : $old;
        $this->refunds[$id] = ['paymentId' => $paymentId, 'amount' => $amount, 'status' => $new];
    }

    public function status(): string
    {
        [$captured, $refunded] = [$this->captured(), $this->refunded()];
        $held = $captured - $refunded;
        // A human must look: it was paid twice, or after it was cancelled.
        if ($held > self::cents($this->amount) || ($this->isCancelled && $held > 0)) return 'attention';
        if ($captured === 0) return $this->isCancelled ? 'cancelled' : end($this->attempts)['status'];
        if ($refunded === 0) return 'paid';
        return $held > 0 ? 'partially_refunded' : 'refunded';
    }

    /** Returns what the shop shows. */
    public function view(): array
    {
        return [
            'reference' => $this->reference,
            'status' => $this->status(),
            'paidAmount' => $this->captured() / 100,
            'refundedAmount' => $this->refunded() / 100,
            'fulfilments' => $this->fulfilments,
        ];
    }

    /** Returns the newest payment that still holds money, and how much. */
    public function refundable(): array
    {
        foreach (array_reverse($this->attempts) as ['id' => $id, 'status' => $status]) {
            $left = self::cents($this->amount) - $this->refunded($id);
            if ($status === 'paid' && $left > 0) return [$id, $left / 100];
        }
        return [null, 0];
    }

    public function captured(): int
    {
        return self::cents($this->amount) * count(array_keys(array_column($this->attempts, 'status'), 'paid', true));
    }

    private function refunded(?string $paymentId = null): int
    {
        $counts = fn (array $refund): bool => in_array($refund['status'], ['partially_refunded', 'refunded'], true)
            && in_array($paymentId, [null, $refund['paymentId']], true);
        return array_sum(array_map(self::cents(...), array_column(array_filter($this->refunds, $counts), 'amount')));
    }

    private static function cents(int|float $amount): int
    {
        return (int) round($amount * 100);
    }
}

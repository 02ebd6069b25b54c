<?php

declare(strict_types=1);

require_once __DIR__ . '/order.php';

/**
 * The orders of the shop, in a JSON file: the processes of `php -S` share no memory. A real shop has a database.
 * A change is made whole or not at all, by one process at a time.
 */
final class Orders
{
    public function __construct(private string $file)
    {
    }

    /** @return Order[] */
    public function all(): array
    {
        return array_values($this->read());
    }

    public function find(string $reference): ?Order
    {
        return $this->read()[$reference] ?? null;
    }

    /** Returns the order that created the payment. A notification's merchantReference does not prove that. */
    public function ofPayment(string $paymentId): ?Order
    {
        foreach ($this->all() as $order) {
            if (in_array($paymentId, array_column($order->attempts, 'id'), true)) return $order;
        }
        return null;
    }

    /**
     * Changes an order, or the new one that is given, while no other process changes any.
     *
     * @param callable(Order): void $change
     */
    public function change(string $reference, callable $change, ?Order $new = null): Order
    {
        $lock = @fopen("$this->file.lock", 'c') ?: throw new RuntimeException("$this->file.lock cannot be opened.");
        try {
            flock($lock, LOCK_EX);
            $orders = $this->read();
            $order = $orders[$reference] ??= $new ?? throw new RuntimeException("There is no order $reference.");
            $change($order);
            // An order that was never sent to the provider leaves nothing.
            if ($order->attempts === []) unset($orders[$reference]);
            $this->write($orders);
            return $order;
        } finally {
            fclose($lock);
        }
    }

    /** @return array<string, Order> */
    private function read(): array
    {
        if (!file_exists($this->file)) return [];
        $orders = [];
        foreach (json_decode((string) file_get_contents($this->file), true, 512, JSON_THROW_ON_ERROR) as $members) {
            $order = new Order($members['reference'], $members['amount']);
            foreach ($members as $name => $value) $order->$name = $value;
            $orders[$order->reference] = $order;
        }
        return $orders;
    }

    /** A process that is killed while it writes leaves the old file. */
    private function write(array $orders): void
    {
        $isWritten = @file_put_contents("$this->file.new", json_encode(array_values($orders), JSON_THROW_ON_ERROR));
        if ($isWritten && @rename("$this->file.new", $this->file)) return;
        throw new RuntimeException("$this->file cannot be written.");
    }
}

<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Vectors.php';
require_once __DIR__ . '/World.php';
require_once __DIR__ . '/signatures.php';

/** Needs a sandbox at SANDBOX_URL. Each test has its own world and shop, so that tests can run at the same time. */
final class MerchantTest extends TestCase
{
    private ?World $world = null;

    protected function tearDown(): void
    {
        $this->world?->close();
    }

    public function testPaid(): void
    {
        $paymentId = $this->world()->buy();
        $this->assertOrder('unpaid', 0, 0);
        $this->world()->act($paymentId, 'pay');
        $this->assertOrder('paid', 200, 1);
        $this->assertSame([200, "Order 1001: paid\n"], $this->shop('GET', '/return?reference=1001'));
        $this->assertSame(409, $this->shop('POST', '/orders', ['reference' => '1001', 'amount' => 200])[0]);
        $this->assertSame(['captured'], array_column($this->shop('GET', '/orders')[1]['data'], 'status'));
    }

    public function testReturnWithoutWebhook(): void
    {
        $this->world()->control('POST', '/scenarios/next', ['scenario' => 'webhook_never']);
        $this->world()->buy();
        $this->assertSame([200, "Order 1001: unpaid\n"], $this->shop('GET', '/return?reference=1001&status=captured'));
        $this->world()->advance('PT2S');
        $this->assertOrder('unpaid', 0, 0);
        $this->assertSame([200, "Order 1001: paid\n"], $this->shop('POST', '/return?reference=1001'));
        $this->assertOrder('paid', 200, 1);
    }

    public function testDeclinedAndPaidInASecondAttempt(): void
    {
        $first = $this->world()->buy();
        $this->world()->act($first, 'decline');
        $this->assertOrder('declined', 0, 0);
        $second = $this->world()->buy();
        $this->assertNotSame($first, $second);
        $this->assertSame(200, $this->shop('POST', '/orders', ['reference' => '1001', 'amount' => 200])[0]);
        $this->world()->act($second, 'pay');
        $this->assertOrder('paid', 200, 1);
    }

    public function testExpired(): void
    {
        $this->world()->buy();
        $this->world()->advance('PT30M');
        $this->assertOrder('expired', 0, 0);
    }

    public function testRetriedAfterTwoFailures(): void
    {
        $paymentId = $this->world()->buy();
        // The shop cannot change its file while its lock is a folder.
        unlink("{$this->world()->file}.lock");
        mkdir("{$this->world()->file}.lock");
        $this->world()->act($paymentId, 'pay');
        $this->world()->advance('PT2M');
        $this->assertSame([500, 500], $this->world()->answers());
        $this->assertOrder('unpaid', 0, 0);
        rmdir("{$this->world()->file}.lock");
        $this->world()->advance('PT5M');
        $this->world()->advance('P5D');
        $this->assertSame([500, 500, 204], $this->world()->answers());
        $this->assertOrder('paid', 200, 1);
    }

    public function testDuplicateWebhook(): void
    {
        $this->world()->control('POST', '/scenarios/next', ['scenario' => 'webhook_twice']);
        $this->world()->buy();
        $this->world()->advance('PT2S');
        $this->assertSame([204, 204], $this->world()->answers());
        $this->assertOrder('paid', 200, 1);
    }

    public function testWebhookAndReturnsAtTheSameInstant(): void
    {
        $paymentId = $this->world()->buy();
        $this->world()->control('POST', "/payments/$paymentId/actions", ['action' => 'pay']);
        $connections = [];
        for ($i = 0; $i < 6; $i++) {
            $connections[] = $connection = stream_socket_client(str_replace('http:', 'tcp:', $this->world()->shop));
            fwrite($connection, "GET /return?reference=1001 HTTP/1.0\r\n\r\n");
        }
        foreach ($connections as $connection) {
            $this->assertStringEndsWith("Order 1001: paid\n", stream_get_contents($connection));
        }
        $this->world()->control('POST', '/settle');
        $this->assertSame([204], $this->world()->answers());
        $this->assertOrder('paid', 200, 1);
    }

    public function testWebhookBeforeTheResponse(): void
    {
        $this->world()->control('POST', '/scenarios/next', ['scenario' => 'webhook_before_response']);
        $this->world()->buy();
        $this->world()->advance('PT2M');
        // The shop finds the payment of the notification by the same request again.
        $this->assertSame([204], $this->world()->answers());
        $this->assertOrder('paid', 200, 1);
        $this->assertCount(1, $this->world()->control('GET', '/payments')['data']);
    }

    /** @dataProvider faults */
    public function testLostResponse(string $fault): void
    {
        $this->world()->control('POST', '/scenarios/next', ['scenario' => $fault]);
        $this->world()->buy();
        $this->assertCount(1, $this->world()->control('GET', '/payments')['data']);
        $match = ['method' => 'POST', 'path' => '/v1/payments', 'query' => ['idempotencyKey' => 'order-1001-1']];
        $this->world()->control('POST', '/requests/verify', ['match' => $match, 'exactly' => 2]);
    }

    public static function faults(): array
    {
        return [['response_lost'], ['server_error_after'], ['server_error_before']];
    }

    public function testPaymentWhoseResponseIsMissing(): void
    {
        $this->world()->control('POST', '/scenarios/next', ['scenario' => 'server_error_before', 'times' => 3]);
        $this->assertSame(500, $this->shop('POST', '/orders', ['reference' => '1001', 'amount' => 200])[0]);
        // A payment of somebody else makes the shop look for its own.
        $this->assertSame(204, $this->webhook(['id' => str_repeat('a', 27)]));
        $this->assertOrder('unpaid', 0, 0);
        $paymentId = $this->world()->control('GET', '/payments')['data'][0]['id'];
        $this->world()->act($paymentId, 'pay');
        $this->assertSame([204], $this->world()->answers());
        $this->assertOrder('paid', 200, 1);
    }

    public function testPaidTwice(): void
    {
        $this->world()->control('POST', '/scenarios/next', ['scenario' => 'paid_late']);
        $this->world()->buy();
        $this->world()->advance('PT2S');
        $this->assertOrder('expired', 0, 0);
        $this->world()->act($this->world()->buy(), 'pay');
        $this->assertOrder('paid', 200, 1);
        $this->world()->advance('PT10M');
        $this->assertOrder('attention', 400, 1);
        $this->assertSame(201, $this->shop('POST', '/orders/1001/refunds')[0]);
        $this->world()->advance('PT2S');
        $this->assertOrder('partially_refunded', 400, 1, 200);
    }

    public function testRefundThatFailsAfterItsSuccess(): void
    {
        $this->world()->act($this->world()->buy(), 'pay');
        $this->world()->control('POST', '/scenarios/next', [
            'scenario' => ['on' => 'refund', 'failsLate' => 'PT10M'],
        ]);
        $this->assertSame(201, $this->shop('POST', '/orders/1001/refunds')[0]);
        $this->world()->advance('PT2S');
        $this->assertOrder('refunded', 200, 1, 200);
        $this->world()->advance('PT10M');
        $this->assertOrder('paid', 200, 1);
    }

    public function testCancelled(): void
    {
        $this->world()->control('POST', '/scenarios/next', ['scenario' => 'webhook_never', 'times' => 2]);
        $paymentId = $this->world()->buy();
        $this->assertSame(200, $this->shop('POST', '/orders/1001/cancel')[0]);
        $this->assertOrder('cancelled', 0, 0);
        $this->world()->act($paymentId, 'pay');
        $this->assertSame(204, $this->shop('POST', '/jobs')[0]);
        $this->assertOrder('attention', 200, 0);
        $this->assertSame(409, $this->shop('POST', '/orders/1001/cancel')[0]);
    }

    public function testOnePartialRefund(): void
    {
        $this->world()->act($this->world()->buy(), 'pay');
        $this->assertSame(201, $this->shop('POST', '/orders/1001/refunds', ['amount' => 50])[0]);
        $this->assertOrder('paid', 200, 1);
        $this->world()->advance('PT2S');
        $this->assertOrder('partially_refunded', 200, 1, 50);
        [$status, $refusal] = $this->shop('POST', '/orders/1001/refunds', ['amount' => 50]);
        $this->assertSame([400, true], [$status, isset($refusal['reason'])]);
        $this->assertOrder('partially_refunded', 200, 1, 50);
    }

    public function testOldNewsAfterARefund(): void
    {
        $this->world()->control('POST', '/scenarios/next', ['scenario' => 'webhook_out_of_order']);
        $paymentId = $this->world()->buy();
        $this->world()->advance('PT2S');
        $this->assertSame(201, $this->shop('POST', '/orders/1001/refunds', ['amount' => 50])[0]);
        $this->world()->advance('PT2S');
        $this->assertSame([204, 204], $this->world()->answers());
        $this->assertOrder('partially_refunded', 200, 1, 50);
        $this->assertSame(204, $this->webhook(['id' => $paymentId]));
        $this->assertOrder('partially_refunded', 200, 1, 50);
    }

    public function testRefundOfEverything(): void
    {
        $this->world()->act($this->world()->buy(88.1), 'pay');
        $this->assertSame(201, $this->shop('POST', '/orders/1001/refunds')[0]);
        $this->world()->advance('PT2S');
        $this->assertOrder('refunded', 88.1, 1, 88.1);
        $this->assertSame([200, "Order 1001: refunded\n"], $this->shop('GET', '/return?reference=1001'));
    }

    public function testForgedWebhook(): void
    {
        $paymentId = $this->world()->buy();
        $news = ['id' => $paymentId];
        $url = "{$this->world()->shop}/webhooks";
        $this->assertSame(401, $this->webhook($news, ['alg' => 'none']));
        $this->assertSame(401, $this->webhook($news, ['aud' => "$url/"]));
        $this->assertSame(401, $this->webhook($news, ['exp' => time()]));
        $this->assertSame(401, $this->webhook($news, [], 'another secret'));
        $this->assertSame(401, World::send('POST', $url, '{}')[0]);
        $this->assertSame(401, World::send('POST', $url, '{}', 'no signature')[0]);
        $this->assertOrder('unpaid', 0, 0);
    }

    public function testWebhookThatIsAheadOfTheApi(): void
    {
        $paymentId = $this->world()->buy();
        $this->assertSame(500, $this->webhook(['id' => $paymentId]));
        $this->assertOrder('unpaid', 0, 0);
    }

    public function testPaidPaymentsThatAreNotTheOrders(): void
    {
        $paymentId = $this->world()->buy();
        $this->world()->control('PATCH', '', ['settings' => ['webhookUrl' => 'http://127.0.0.1:9/']]);
        $this->assertSame(204, $this->webhook(['id' => str_repeat('a', 27)]));
        $this->assertSame(204, $this->webhook(['id' => str_repeat('a', 27), 'merchantReference' => '1002']));
        $this->assertOrder('unpaid', 0, 0);
        $this->world()->act($paymentId, 'pay');
        $this->assertSame(204, $this->webhook(['id' => $paymentId, 'amount' => ['value' => 199, 'currency' => 'hkd']]));
        $this->assertSame(204, $this->webhook(['id' => $paymentId, 'amount' => ['value' => 200, 'currency' => 'usd']]));
        $this->assertOrder('unpaid', 0, 0);
        $this->assertSame(204, $this->webhook(['id' => $paymentId]));
        $this->assertOrder('paid', 200, 1);
    }

    public function testRotationOfKeys(): void
    {
        $this->world()->control('POST', '/keys/rotate', ['overlap' => 'PT1H']);
        $this->world()->act($this->world()->buy(), 'pay');
        $this->assertSame([204], $this->world()->answers());
        $this->assertOrder('paid', 200, 1);
    }

    /**
     * Runs this file four times at the same time.
     *
     * @group alone
     */
    public function testInParallel(): void
    {
        $runs = [];
        foreach (range(1, 4) as $run) {
            $command = [PHP_BINARY, $_SERVER['argv'][0], '--exclude-group', 'alone', __FILE__];
            $process = proc_open($command, [1 => ['pipe', 'w']], $pipes, __DIR__);
            $runs[$run] = [$process, $pipes[1]];
        }
        foreach ($runs as [$process, $output]) {
            $text = stream_get_contents($output);
            $this->assertSame(0, proc_close($process), $text);
        }
    }

    /**
     * @group alone
     * @dataProvider requests
     */
    public function testRequestVector(array $vector, int $now, array $keys): void
    {
        $isValid = Vectors::isValidRequest($vector, (string) $vector['signature'], $now, $keys);
        $this->assertSame($vector['verdict'] === 'accepted', $isValid);
        ['method' => $method, 'target' => $target] = $vector;
        ['kid' => $kid, 'privateKey' => $privateKey] = $keys[0];
        $signature = signRequest($method, $target, base64_decode($vector['payload']), $kid, $privateKey, $now);
        $this->assertTrue(Vectors::isValidRequest($vector, $signature, $now, $keys));
    }

    /**
     * @group alone
     * @dataProvider responses
     */
    public function testResponseVector(array $vector, int $now): void
    {
        $body = base64_decode($vector['payload']);
        $isValid = verifyResponse((string) $vector['signature'], $body, $vector['key'], $now);
        $this->assertSame($vector['verdict'] === 'accepted', $isValid);
    }

    /**
     * @group alone
     * @dataProvider webhooks
     */
    public function testWebhookVector(array $vector, int $now): void
    {
        ['payload' => $payload, 'key' => $key, 'url' => $url] = $vector;
        $isValid = fn (?string $signature): bool
            => verifyWebhook((string) $signature, base64_decode($payload), $key, $url, $now);
        $this->assertSame($vector['verdict'] === 'accepted', $isValid($vector['signature']));
        if (isset($vector['rightSignature'])) $this->assertTrue($isValid($vector['rightSignature']));
    }

    public static function requests(): array
    {
        return Vectors::of('requests');
    }

    public static function responses(): array
    {
        return Vectors::of('responses');
    }

    public static function webhooks(): array
    {
        return Vectors::of('webhooks');
    }

    private function world(): World
    {
        return $this->world ??= new World();
    }

    private function shop(string $method, string $target, ?array $content = null): array
    {
        return World::send($method, $this->world()->shop . $target, $content);
    }

    /** Sends a webhook of a paid payment. Returns the status of the answer. */
    private function webhook(array $payload, array $header = [], ?string $secret = null): int
    {
        $amount = ['value' => 200, 'currency' => 'hkd'];
        $payload += ['merchantReference' => '1001', 'status' => 'captured', 'amount' => $amount];
        $body = json_encode(['id' => uniqid(), 'type' => 'payment', 'payload' => $payload]);
        $url = "{$this->world()->shop}/webhooks";
        $header = base64url(json_encode($header + ['alg' => 'HS256', 'aud' => $url, 'exp' => time() + 60]));
        $secret ??= $this->world()->merchant['hmacKey'];
        $signature = base64url(hash_hmac('sha256', "$header." . base64url($body), $secret, true));
        return World::send('POST', $url, $body, "$header..$signature")[0];
    }

    private function assertOrder(string $status, int|float $paid, int $fulfilments, int|float $refunded = 0): void
    {
        $this->assertEquals([
            'reference' => '1001', 'status' => $status, 'paidAmount' => $paid, 'refundedAmount' => $refunded,
            'fulfilments' => $fulfilments,
        ], $this->world()->order());
    }
}

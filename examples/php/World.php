<?php

declare(strict_types=1);

/** A world of the sandbox and the shop that belongs to it: both are of one test only. */
final class World
{
    public readonly array $merchant;
    public readonly string $shop;
    public readonly string $file;
    private readonly string $path;
    /** @var int[] */
    private array $processes = [];
    /** @var resource */
    private $server;
    /** @var resource */
    private $log;

    public function __construct()
    {
        $sandbox = getenv('SANDBOX_URL') ?: 'http://127.0.0.1:8852';
        $opened = self::send('POST', "$sandbox/_sandbox/worlds", ['clock' => '2026-01-05T09:00:00Z']);
        $this->merchant = self::expect(201, $opened);
        $this->path = "$sandbox/_sandbox/worlds/{$this->merchant['processingAccountId']}";
        $this->file = sys_get_temp_dir() . "/shop-{$this->merchant['processingAccountId']}.json";
        $this->startShop();
        $this->control('PATCH', '', ['settings' => ['webhookUrl' => "$this->shop/webhooks"]]);
    }

    /** Sends a request. Returns the status and the content of the response. */
    public static function send(string $method, string $url, mixed $content = null, string $signature = ''): array
    {
        $body = is_string($content) ? $content : ($content === null ? '' : json_encode($content));
        $answer = file_get_contents($url, false, stream_context_create(['http' => [
            'method' => $method, 'content' => $body, 'ignore_errors' => true, 'timeout' => 30,
            'header' => ['Content-Type: application/json', ...($signature === '' ? [] : ["X-Signature: $signature"])],
        ]]));
        return [(int) explode(' ', $http_response_header[0])[1], json_decode($answer, true) ?? $answer];
    }

    /** Calls the control API of this world. */
    public function control(string $method, string $target, array $content = []): array
    {
        $response = self::send($method, $this->path . $target, $method === 'GET' ? null : (object) $content);
        return self::expect($method === 'POST' && $target === '/scenarios/next' ? 201 : 200, $response);
    }

    /** Buys at the shop. Returns the id of the payment. */
    public function buy(int|float $amount = 200): string
    {
        self::expect(201, self::send('POST', "$this->shop/orders", ['reference' => '1001', 'amount' => $amount]));
        return $this->control('GET', '/payments')['data'][0]['id'];
    }

    /** Does what the payer does, and waits until the shop has answered the webhook. */
    public function act(string $paymentId, string $action): void
    {
        $this->control('POST', "/payments/$paymentId/actions", ['action' => $action]);
        $this->control('POST', '/settle');
    }

    public function advance(string $duration): void
    {
        $this->control('POST', '/clock/advance', ['by' => $duration]);
    }

    public function order(): array
    {
        return self::expect(200, self::send('GET', "$this->shop/orders/1001"));
    }

    /** Returns the statuses with which the shop answered the attempts of all notifications, oldest first. */
    public function answers(): array
    {
        $notifications = array_reverse($this->control('GET', '/notifications')['data']);
        return array_column(array_column(array_merge(...array_column($notifications, 'attempts')), 'answer'), 'status');
    }

    public function close(): void
    {
        $this->control('DELETE', '');
        // php -S does not end its processes with the first one.
        foreach ($this->processes as $process) posix_kill($process, SIGTERM);
        fclose($this->log);
        proc_close($this->server);
        foreach (glob("$this->file*") as $file) is_dir($file) ? rmdir($file) : unlink($file);
    }

    private function startShop(): void
    {
        $variables = [
            'NOMUPAY_BASE_URL' => $this->merchant['baseUrl'],
            'NOMUPAY_PROCESSING_ACCOUNT_ID' => $this->merchant['processingAccountId'],
            'NOMUPAY_KID' => $this->merchant['kid'],
            'NOMUPAY_PRIVATE_KEY' => str_replace("\n", '\n', $this->merchant['privateKey']),
            'NOMUPAY_HMAC_KEY' => $this->merchant['hmacKey'],
            'SHOP_FILE' => $this->file,
            'PHP_CLI_SERVER_WORKERS' => '3',
        ];
        $command = [PHP_BINARY, '-S', '127.0.0.1:0', __DIR__ . '/router.php'];
        $this->server = proc_open($command, [2 => ['pipe', 'w']], $pipes, null, $variables);
        $this->log = $pipes[2];
        for ($started = 0; $started < 4; $started++) {
            preg_match('~^\[(\d+)\].*\((http://[\d.:]+)\)~', fgets($this->log), $match);
            $this->processes[] = (int) $match[1];
        }
        $this->shop = $match[2];
    }

    private static function expect(int $status, array $response): mixed
    {
        if ($response[0] !== $status) throw new RuntimeException("$response[0]: " . json_encode($response[1]));
        return $response[1];
    }
}

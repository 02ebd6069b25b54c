<?php

declare(strict_types=1);

// PHP_CLI_SERVER_WORKERS=4 php -S 127.0.0.1:3000 router.php
require_once __DIR__ . '/merchant.php';

$names = ['BASE_URL', 'PROCESSING_ACCOUNT_ID', 'KID', 'PRIVATE_KEY', 'HMAC_KEY'];
foreach ($names as $name) $config["NOMUPAY_$name"] = (string) getenv("NOMUPAY_$name");
$port = getenv('PORT') ?: $_SERVER['SERVER_PORT'];
$config['SHOP_URL'] = getenv('SHOP_URL') ?: "http://127.0.0.1:$port";
$config['SHOP_FILE'] = getenv('SHOP_FILE') ?: sys_get_temp_dir() . "/alipay-hk-shop-$port.json";

try {
    if (in_array('', $config, true)) throw new InvalidArgumentException('Empty: ' . array_search('', $config, true));
    [$status, $content] = (new Merchant($config))->handle(
        $_SERVER['REQUEST_METHOD'],
        $_SERVER['REQUEST_URI'],
        file_get_contents('php://input'),
        $_SERVER['HTTP_X_SIGNATURE'] ?? '',
    );
} catch (Throwable $problem) {
    // Without this PHP answers 200 if display_errors is on, and the provider takes a webhook for handled.
    error_log((string) $problem);
    [$status, $content] = [500, ['error' => 'Try again later.']];
}
http_response_code($status);
header('Content-Type: ' . (is_string($content) ? 'text/plain; charset=utf-8' : 'application/json'));
echo is_string($content) ? $content : ($content === null ? '' : json_encode($content, JSON_THROW_ON_ERROR));

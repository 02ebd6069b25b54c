module shop.example/merchant

go 1.19

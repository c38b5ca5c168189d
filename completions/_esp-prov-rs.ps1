
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'esp-prov-rs' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'esp-prov-rs'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'esp-prov-rs' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART), or virtual for one inside this process [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its address, which spares the wait for another device of the name (2 s without a terminal)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: bits a second')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link with it, a PNG or JPEG with it, or a file with the text or with a log of the device that shows it (- for stdin); fills in transport, security, proof of possession, user name and password where no flag gives them')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--ssid', '--ssid', [CompletionResultType]::ParameterName, 'Name of the Wi-Fi network, 1 to 32 bytes; without it the device looks, and you choose')
            [CompletionResult]::new('--passphrase', '--passphrase', [CompletionResultType]::ParameterName, 'Its passphrase, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--ssid-hex', '--ssid-hex', [CompletionResultType]::ParameterName, 'Name of the network in hexadecimal, if it is not valid text')
            [CompletionResult]::new('--bssid', '--bssid', [CompletionResultType]::ParameterName, 'One access point of it, e.g. 24:0a:c4:11:22:33; stock firmware ignores it')
            [CompletionResult]::new('--channel', '--channel', [CompletionResultType]::ParameterName, 'Its channel, 1 to 14 or of 5 GHz; stock firmware ignores it')
            [CompletionResult]::new('--dataset-tlvs', '--dataset-tlvs', [CompletionResultType]::ParameterName, 'Dataset of the Thread network as hexadecimal TLVs, as `dataset active -x` prints it; it holds the key, so prefer a file or the environment (ESP_PROV_DATASET_TLVS)')
            [CompletionResult]::new('--dataset-tlvs-file', '--dataset-tlvs-file', [CompletionResultType]::ParameterName, 'File with the dataset, - for stdin')
            [CompletionResult]::new('--thread-network', '--thread-network', [CompletionResultType]::ParameterName, 'Name or extended PAN ID of a network that the device sees, instead of a dataset')
            [CompletionResult]::new('--network-key', '--network-key', [CompletionResultType]::ParameterName, 'Key of that network, 32 hexadecimal digits; prefer a file, the environment (ESP_PROV_NETWORK_KEY) or the prompt')
            [CompletionResult]::new('--network-key-file', '--network-key-file', [CompletionResultType]::ParameterName, 'File with the key, - for stdin')
            [CompletionResult]::new('--proto-ver', '--proto-ver', [CompletionResultType]::ParameterName, 'Fail unless the device reports this version')
            [CompletionResult]::new('--custom-data', '--custom-data', [CompletionResultType]::ParameterName, 'Text for the application''s custom-data endpoint, sent before the network')
            [CompletionResult]::new('--custom-info', '--custom-info', [CompletionResultType]::ParameterName, 'Text for --custom-config')
            [CompletionResult]::new('--custom-ver', '--custom-ver', [CompletionResultType]::ParameterName, 'Number for --custom-config')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Explain an exit code: its meaning, usual causes and what to try')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'With all secrets and all bytes, so that it can be replayed to the end; do not share')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'The network has no passphrase')
            [CompletionResult]::new('--reset-first', '--reset-first', [CompletionResultType]::ParameterName, 'Make the device forget a network it could not join before it scans and is given this one (ESP-IDF v5.1 and later)')
            [CompletionResult]::new('--custom-config', '--custom-config', [CompletionResultType]::ParameterName, 'Send --custom-info and --custom-ver to the custom-config endpoint of the legacy example (ESP-IDF v3.2 to v4.4)')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('provision', 'provision', [CompletionResultType]::ParameterValue, 'Give a device its network (the default)')
            [CompletionResult]::new('discover', 'discover', [CompletionResultType]::ParameterValue, 'List the devices in range with provisioning firmware, over BLE and those announced by mDNS; one that is found need not want a network')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show a device''s version, capabilities and endpoints, and what they imply')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'List the networks the device sees')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask a device whether it is connected')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send messages to an endpoint of the application')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Make a device forget a network it could not join, so that it takes another')
            [CompletionResult]::new('reprovision', 'reprovision', [CompletionResultType]::ParameterValue, 'Make a connected device take another network, where its application allows it')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Provision many devices from a roster, resumably')
            [CompletionResult]::new('sec2-credentials', 'sec2-credentials', [CompletionResultType]::ParameterValue, 'Generate a salt and verifier for security 2')
            [CompletionResult]::new('qr', 'qr', [CompletionResultType]::ParameterValue, 'Print the QR code for a device''s label, or what is in one')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Diagnose this machine''s connectivity and suggest fixes')
            [CompletionResult]::new('decode', 'decode', [CompletionResultType]::ParameterValue, 'Show what went over the wire, from a trace, a capture or hexadecimal text')
            [CompletionResult]::new('simulate', 'simulate', [CompletionResultType]::ParameterValue, 'Run a virtual device on a socket or a serial console')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell, or the man page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'esp-prov-rs;provision' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART), or virtual for one inside this process [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its address, which spares the wait for another device of the name (2 s without a terminal)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: bits a second')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link with it, a PNG or JPEG with it, or a file with the text or with a log of the device that shows it (- for stdin); fills in transport, security, proof of possession, user name and password where no flag gives them')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--ssid', '--ssid', [CompletionResultType]::ParameterName, 'Name of the Wi-Fi network, 1 to 32 bytes; without it the device looks, and you choose')
            [CompletionResult]::new('--passphrase', '--passphrase', [CompletionResultType]::ParameterName, 'Its passphrase, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--ssid-hex', '--ssid-hex', [CompletionResultType]::ParameterName, 'Name of the network in hexadecimal, if it is not valid text')
            [CompletionResult]::new('--bssid', '--bssid', [CompletionResultType]::ParameterName, 'One access point of it, e.g. 24:0a:c4:11:22:33; stock firmware ignores it')
            [CompletionResult]::new('--channel', '--channel', [CompletionResultType]::ParameterName, 'Its channel, 1 to 14 or of 5 GHz; stock firmware ignores it')
            [CompletionResult]::new('--dataset-tlvs', '--dataset-tlvs', [CompletionResultType]::ParameterName, 'Dataset of the Thread network as hexadecimal TLVs, as `dataset active -x` prints it; it holds the key, so prefer a file or the environment (ESP_PROV_DATASET_TLVS)')
            [CompletionResult]::new('--dataset-tlvs-file', '--dataset-tlvs-file', [CompletionResultType]::ParameterName, 'File with the dataset, - for stdin')
            [CompletionResult]::new('--thread-network', '--thread-network', [CompletionResultType]::ParameterName, 'Name or extended PAN ID of a network that the device sees, instead of a dataset')
            [CompletionResult]::new('--network-key', '--network-key', [CompletionResultType]::ParameterName, 'Key of that network, 32 hexadecimal digits; prefer a file, the environment (ESP_PROV_NETWORK_KEY) or the prompt')
            [CompletionResult]::new('--network-key-file', '--network-key-file', [CompletionResultType]::ParameterName, 'File with the key, - for stdin')
            [CompletionResult]::new('--proto-ver', '--proto-ver', [CompletionResultType]::ParameterName, 'Fail unless the device reports this version')
            [CompletionResult]::new('--custom-data', '--custom-data', [CompletionResultType]::ParameterName, 'Text for the application''s custom-data endpoint, sent before the network')
            [CompletionResult]::new('--custom-info', '--custom-info', [CompletionResultType]::ParameterName, 'Text for --custom-config')
            [CompletionResult]::new('--custom-ver', '--custom-ver', [CompletionResultType]::ParameterName, 'Number for --custom-config')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'With all secrets and all bytes, so that it can be replayed to the end; do not share')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'The network has no passphrase')
            [CompletionResult]::new('--reset-first', '--reset-first', [CompletionResultType]::ParameterName, 'Make the device forget a network it could not join before it scans and is given this one (ESP-IDF v5.1 and later)')
            [CompletionResult]::new('--custom-config', '--custom-config', [CompletionResultType]::ParameterName, 'Send --custom-info and --custom-ver to the custom-config endpoint of the legacy example (ESP-IDF v3.2 to v4.4)')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;discover' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'Where to listen: ble, or softap for mDNS on the network [default: both]')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long to listen')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only devices whose name begins so, whatever they advertise')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'A service that counts as one of provisioning firmware')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Everything that has a name')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;info' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART), or virtual for one inside this process [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its address, which spares the wait for another device of the name (2 s without a terminal)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: bits a second')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link with it, a PNG or JPEG with it, or a file with the text or with a log of the device that shows it (- for stdin); fills in transport, security, proof of possession, user name and password where no flag gives them')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'How often to ask, for how long an answer takes')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'An endpoint of the application to look for, too; may be given several times')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'With all secrets and all bytes, so that it can be replayed to the end; do not share')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;scan' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART), or virtual for one inside this process [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its address, which spares the wait for another device of the name (2 s without a terminal)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: bits a second')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link with it, a PNG or JPEG with it, or a file with the text or with a log of the device that shows it (- for stdin); fills in transport, security, proof of possession, user name and password where no flag gives them')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--group-channels', '--group-channels', [CompletionResultType]::ParameterName, 'Pause after this many channels, 0 for no pause [default: 5 over HTTP, else 0]')
            [CompletionResult]::new('--scan-period', '--scan-period', [CompletionResultType]::ParameterName, 'Time on each channel; firmware with Bluetooth ignores it')
            [CompletionResult]::new('--page-size', '--page-size', [CompletionResultType]::ParameterName, 'Networks to ask for at once [default: 16 over HTTP, else 4]')
            [CompletionResult]::new('--channel-mask', '--channel-mask', [CompletionResultType]::ParameterName, 'Channels that a device for Thread scans, a bit for each, e.g. 0x07fff800; 0 for all')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'With all secrets and all bytes, so that it can be replayed to the end; do not share')
            [CompletionResult]::new('--passive', '--passive', [CompletionResultType]::ParameterName, 'Listen for access points instead of asking for them')
            [CompletionResult]::new('--reset-first', '--reset-first', [CompletionResultType]::ParameterName, 'Make the device forget a network it could not join before it scans (ESP-IDF v5.1 and later); else no scan is begun, as it could hang the device')
            [CompletionResult]::new('--no-block', '--no-block', [CompletionResultType]::ParameterName, 'Ask how the scan stands instead of waiting for its answer, after `--reset-first`, too; any other scan is asked about anyway, as one that blocks could hang the device')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;status' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART), or virtual for one inside this process [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its address, which spares the wait for another device of the name (2 s without a terminal)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: bits a second')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link with it, a PNG or JPEG with it, or a file with the text or with a log of the device that shows it (- for stdin); fills in transport, security, proof of possession, user name and password where no flag gives them')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'With all secrets and all bytes, so that it can be replayed to the end; do not share')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;send' {
            [CompletionResult]::new('--utf8', '--utf8', [CompletionResultType]::ParameterName, 'Send this text')
            [CompletionResult]::new('--hex', '--hex', [CompletionResultType]::ParameterName, 'Send these bytes')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Send what is in this file, - for stdin')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Send what follows to this endpoint instead')
            [CompletionResult]::new('--reply', '--reply', [CompletionResultType]::ParameterName, 'How to print replies: text, hex or raw; auto is text where it is printable, else hex')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the reply as it came to a file that its owner alone can read, instead of printing it')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART), or virtual for one inside this process [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its address, which spares the wait for another device of the name (2 s without a terminal)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: bits a second')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link with it, a PNG or JPEG with it, or a file with the text or with a log of the device that shows it (- for stdin); fills in transport, security, proof of possession, user name and password where no flag gives them')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'Send outside the session, in the clear; proto-ver and prov-session always are')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'With all secrets and all bytes, so that it can be replayed to the end; do not share')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;reset' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART), or virtual for one inside this process [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its address, which spares the wait for another device of the name (2 s without a terminal)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: bits a second')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link with it, a PNG or JPEG with it, or a file with the text or with a log of the device that shows it (- for stdin); fills in transport, security, proof of possession, user name and password where no flag gives them')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'With all secrets and all bytes, so that it can be replayed to the end; do not share')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;reprovision' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; httpd and http are the same), ble, console (UART), or virtual for one inside this process [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, PROV_* for any that begins so, or its address, which spares the wait for another device of the name (2 s without a terminal)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: bits a second')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link with it, a PNG or JPEG with it, or a file with the text or with a log of the device that shows it (- for stdin); fills in transport, security, proof of possession, user name and password where no flag gives them')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'With all secrets and all bytes, so that it can be replayed to the end; do not share')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;batch' {
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'The devices: CSV or (*.jsonl) JSON Lines')
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'Where is written down how each stands: a file, or postgres://USER@HOST/DATABASE for several stations, its password in PGPASSWORD [default: the roster''s name with .ledger]')
            [CompletionResult]::new('--job', '--job', [CompletionResultType]::ParameterName, 'TOML file with flags of this command; those typed outweigh it')
            [CompletionResult]::new('--station', '--station', [CompletionResultType]::ParameterName, 'What this station is called [default: the name of the machine]')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'With --watch: tell of devices over BLE that are not in the roster if their name begins so [default: of those with a service of provisioning firmware]')
            [CompletionResult]::new('--watch-interval', '--watch-interval', [CompletionResultType]::ParameterName, 'With --watch: between two looks')
            [CompletionResult]::new('--parallel', '--parallel', [CompletionResultType]::ParameterName, 'Devices at once over HTTP')
            [CompletionResult]::new('--parallel-ble', '--parallel-ble', [CompletionResultType]::ParameterName, 'Devices at once over BLE, on each adapter')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How often a device is tried again after a transient failure: not found, link lost, silence')
            [CompletionResult]::new('--retry-interval', '--retry-interval', [CompletionResultType]::ParameterName, 'The pause before that; it doubles each time')
            [CompletionResult]::new('--stop-after', '--stop-after', [CompletionResultType]::ParameterName, 'Stop when so many have failed alike before any was done, as with a wrong passphrase for all; 0 for never')
            [CompletionResult]::new('--batch-timeout', '--batch-timeout', [CompletionResultType]::ParameterName, 'Limit for the whole batch; --timeout is the one for an attempt at a device')
            [CompletionResult]::new('--on-result', '--on-result', [CompletionResultType]::ParameterName, 'A command of your own that gets each result as a line of JSON on its stdin; if it fails the result stands, and `batch retry --hooks` lets it be called again')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in this folder, a file for each device, as --trace of other commands: without secrets')
            [CompletionResult]::new('--hook-timeout', '--hook-timeout', [CompletionResultType]::ParameterName, 'Limit for that command, which is then ended with all that it started')
            [CompletionResult]::new('--ledger-timeout', '--ledger-timeout', [CompletionResultType]::ParameterName, 'How long the ledger may be away or full before the batch stops')
            [CompletionResult]::new('--adapter-timeout', '--adapter-timeout', [CompletionResultType]::ParameterName, 'How long a Bluetooth adapter may be off or away before the batch stops, once only devices over BLE are left')
            [CompletionResult]::new('--lease', '--lease', [CompletionResultType]::ParameterName, 'How long the devices of a station that died stay its own, where stations share a ledger')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'ble: an address without a scheme is a name over BLE, and so is the id of a device without an address')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2, and refuse a device that names another; without it the one the device names')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--proto-ver', '--proto-ver', [CompletionResultType]::ParameterName, 'Fail unless a device reports this version')
            [CompletionResult]::new('--custom-data', '--custom-data', [CompletionResultType]::ParameterName, 'Text for the application''s custom-data endpoint, sent before the network')
            [CompletionResult]::new('--ssid', '--ssid', [CompletionResultType]::ParameterName, 'Name of the Wi-Fi network, 1 to 32 bytes; without it the device looks, and you choose')
            [CompletionResult]::new('--passphrase', '--passphrase', [CompletionResultType]::ParameterName, 'Its passphrase, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--ssid-hex', '--ssid-hex', [CompletionResultType]::ParameterName, 'Name of the network in hexadecimal, if it is not valid text')
            [CompletionResult]::new('--bssid', '--bssid', [CompletionResultType]::ParameterName, 'One access point of it, e.g. 24:0a:c4:11:22:33; stock firmware ignores it')
            [CompletionResult]::new('--channel', '--channel', [CompletionResultType]::ParameterName, 'Its channel, 1 to 14 or of 5 GHz; stock firmware ignores it')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse any session with less than this security scheme: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for building a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan is given 30s at least')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device''s join')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first come much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--add-roster', '--add-roster', [CompletionResultType]::ParameterName, 'Add the roster to a ledger file that has the devices of another one')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Work on devices as they appear, until all of the roster are done or Ctrl-C: over BLE by what they advertise, over HTTP when their address answers, on a console when its port is there')
            [CompletionResult]::new('--reset-first', '--reset-first', [CompletionResultType]::ParameterName, 'Make each device forget a network it could not join before it is given this one; those of which the ledger knows that they could not join are made to anyway')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'The network has no passphrase')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Stop at any warning about the device, before its network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Go on where the device offers less than --sec-ver, the secret given or its label demand; whoever answers then gets the network, be it the device or not')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the status of each device')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export all attempts with timings and results')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Requeue devices for the next batch')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'esp-prov-rs;batch;status' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'The roster whose ledger it is')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;batch;export' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'The roster whose ledger it is')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'csv or json')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, - for stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;batch;retry' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'The roster whose ledger it is')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Only those that ended with this exit code; can be given more than once')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Devices that failed')
            [CompletionResult]::new('--unconfirmed', '--unconfirmed', [CompletionResultType]::ParameterName, 'Devices that left before they confirmed')
            [CompletionResult]::new('--hooks', '--hooks', [CompletionResultType]::ParameterName, 'Not devices, but results for which --on-result failed: the next batch calls it for them')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;batch;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the status of each device')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export all attempts with timings and results')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Requeue devices for the next batch')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'esp-prov-rs;batch;help;status' {
            break
        }
        'esp-prov-rs;batch;help;export' {
            break
        }
        'esp-prov-rs;batch;help;retry' {
            break
        }
        'esp-prov-rs;batch;help;help' {
            break
        }
        'esp-prov-rs;sec2-credentials' {
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--sec2-salt-len', '--sec2-salt-len', [CompletionResultType]::ParameterName, 'Length of the salt in bytes')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'c for C arrays, json for hexadecimal text, raw for two files')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'For raw: the files'' common name, without .salt and .verifier; only their owner can read them')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;qr' {
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'A QR code to begin with, as for provisioning: its text, or a file with it or its picture')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the device: its BLE name or the name of its access point')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How it is reached: softap or ble')
            [CompletionResult]::new('--network', '--network', [CompletionResultType]::ParameterName, 'What it takes: wifi or thread; most firmware does not say')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession, if it has one; visible to other users of this machine, so prefer a file or the environment (ESP_PROV_POP)')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'text and link for what is in the code, terminal, png and svg for the code itself [default: by the ending of --output; text and terminal on a terminal; else text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, readable by its owner alone; - for stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;doctor' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'Only what this one needs: softap, ble or console')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;decode' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'The input is hexadecimal: what went to or came from this endpoint in the clear')
            [CompletionResult]::new('--direction', '--direction', [CompletionResultType]::ParameterName, 'request, to the device, or reply, from it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Show passphrases, datasets and what applications say, where they can be read')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;simulate' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'softap (HTTP on a socket) or console (on a pseudo-terminal, whose path it says)')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Softap: where to listen; port 0 picks a free one and says which')
            [CompletionResult]::new('--persona', '--persona', [CompletionResultType]::ParameterName, 'Firmware generation to play: legacy (ESP-IDF v3.2 and v4.0 examples, plain version text), idf-v4.4, idf-v5.0, idf-v5.5, netprov, or netprov-thread')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2')
            [CompletionResult]::new('--sec2-verifier', '--sec2-verifier', [CompletionResultType]::ParameterName, 'Salt and verifier instead of user name and password: the common name of the files that sec2-credentials --format raw writes')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer as the device of a trace did, made with --trace, best with --trace-secrets')
            [CompletionResult]::new('--networks', '--networks', [CompletionResultType]::ParameterName, 'TOML file with the networks in reach [default: Home, Office and the open Guest]')
            [CompletionResult]::new('--join-delay', '--join-delay', [CompletionResultType]::ParameterName, 'From apply to connected')
            [CompletionResult]::new('--failed-attempts', '--failed-attempts', [CompletionResultType]::ParameterName, 'Attempts that fail before the one that counts')
            [CompletionResult]::new('--fail', '--fail', [CompletionResultType]::ParameterName, 'What goes wrong whatever the client sends: wrong-passphrase, not-found, vanish (leaves right after apply) or forever (never stops trying)')
            [CompletionResult]::new('--quirk', '--quirk', [CompletionResultType]::ParameterName, 'In what it is awkward, as some devices are; may be given several times: reconnects (after a failed join, and refuses to scan then; else a scan then hangs it), refuses-reset, restarts-once (after apply, and comes back empty) or stays-open (can be given another network)')
            [CompletionResult]::new('--scan-time', '--scan-time', [CompletionResultType]::ParameterName, 'How long a scan takes')
            [CompletionResult]::new('--ready-file', '--ready-file', [CompletionResultType]::ParameterName, 'File to write when the device is ready: its address, or one a line with --count. It appears whole, and is removed at the end')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Number of devices, on consecutive ports starting at --listen; each leaves for good after its success. Ends when all have left, and tells how many joined')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'Write their roster, as CSV or (*.jsonl) JSON Lines, readable by its owner alone')
            [CompletionResult]::new('--wrong-pop', '--wrong-pop', [CompletionResultType]::ParameterName, 'Share of devices with another proof of possession than their roster says: 2% or 0.02')
            [CompletionResult]::new('--drop', '--drop', [CompletionResultType]::ParameterName, 'Share of requests or replies that get lost')
            [CompletionResult]::new('--delay', '--delay', [CompletionResultType]::ParameterName, 'Share of replies that take --delay-by longer')
            [CompletionResult]::new('--delay-by', '--delay-by', [CompletionResultType]::ParameterName, 'How much longer')
            [CompletionResult]::new('--reboot', '--reboot', [CompletionResultType]::ParameterName, 'Share of requests at which the device starts anew')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Random seed; the same seed injects the same faults')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('--log-lines', '--log-lines', [CompletionResultType]::ParameterName, 'Console: print log lines in between, also in the middle of echo and reply')
            [CompletionResult]::new('--whole-replies', '--whole-replies', [CompletionResultType]::ParameterName, 'Softap: send each reply in one piece; stock firmware sends its header first, for whose acknowledgement the rest waits (40 ms on Linux)')
            [CompletionResult]::new('--session-only', '--session-only', [CompletionResultType]::ParameterName, 'Take no network: a session for the application''s endpoints alone')
            [CompletionResult]::new('--no-pop', '--no-pop', [CompletionResultType]::ParameterName, 'No proof of possession')
            [CompletionResult]::new('--once', '--once', [CompletionResultType]::ParameterName, 'Leave for good after the first success, and print the network that was set')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Print passphrases, and the text of the QR code even if not everybody knows its secret')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto also looks at NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help, in short with -h')
            break
        }
        'esp-prov-rs;help' {
            [CompletionResult]::new('provision', 'provision', [CompletionResultType]::ParameterValue, 'Give a device its network (the default)')
            [CompletionResult]::new('discover', 'discover', [CompletionResultType]::ParameterValue, 'List the devices in range with provisioning firmware, over BLE and those announced by mDNS; one that is found need not want a network')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show a device''s version, capabilities and endpoints, and what they imply')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'List the networks the device sees')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask a device whether it is connected')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send messages to an endpoint of the application')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Make a device forget a network it could not join, so that it takes another')
            [CompletionResult]::new('reprovision', 'reprovision', [CompletionResultType]::ParameterValue, 'Make a connected device take another network, where its application allows it')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Provision many devices from a roster, resumably')
            [CompletionResult]::new('sec2-credentials', 'sec2-credentials', [CompletionResultType]::ParameterValue, 'Generate a salt and verifier for security 2')
            [CompletionResult]::new('qr', 'qr', [CompletionResultType]::ParameterValue, 'Print the QR code for a device''s label, or what is in one')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Diagnose this machine''s connectivity and suggest fixes')
            [CompletionResult]::new('decode', 'decode', [CompletionResultType]::ParameterValue, 'Show what went over the wire, from a trace, a capture or hexadecimal text')
            [CompletionResult]::new('simulate', 'simulate', [CompletionResultType]::ParameterValue, 'Run a virtual device on a socket or a serial console')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell, or the man page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'esp-prov-rs;help;provision' {
            break
        }
        'esp-prov-rs;help;discover' {
            break
        }
        'esp-prov-rs;help;info' {
            break
        }
        'esp-prov-rs;help;scan' {
            break
        }
        'esp-prov-rs;help;status' {
            break
        }
        'esp-prov-rs;help;send' {
            break
        }
        'esp-prov-rs;help;reset' {
            break
        }
        'esp-prov-rs;help;reprovision' {
            break
        }
        'esp-prov-rs;help;batch' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the status of each device')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export all attempts with timings and results')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Requeue devices for the next batch')
            break
        }
        'esp-prov-rs;help;batch;status' {
            break
        }
        'esp-prov-rs;help;batch;export' {
            break
        }
        'esp-prov-rs;help;batch;retry' {
            break
        }
        'esp-prov-rs;help;sec2-credentials' {
            break
        }
        'esp-prov-rs;help;qr' {
            break
        }
        'esp-prov-rs;help;doctor' {
            break
        }
        'esp-prov-rs;help;decode' {
            break
        }
        'esp-prov-rs;help;simulate' {
            break
        }
        'esp-prov-rs;help;completions' {
            break
        }
        'esp-prov-rs;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}

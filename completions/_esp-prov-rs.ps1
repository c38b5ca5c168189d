
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
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--softap', '--softap', [CompletionResultType]::ParameterName, 'Join the device''s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager)')
            [CompletionResult]::new('--softap-passphrase', '--softap-passphrase', [CompletionResultType]::ParameterName, 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--softap-passphrase-file', '--softap-passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--interface', '--interface', [CompletionResultType]::ParameterName, 'The machine''s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service UUID that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: baud rate')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--ssid', '--ssid', [CompletionResultType]::ParameterName, 'Name of the Wi-Fi network, 1 to 32 bytes; without it, the device scans and you choose')
            [CompletionResult]::new('--passphrase', '--passphrase', [CompletionResultType]::ParameterName, 'Passphrase of the network, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--ssid-hex', '--ssid-hex', [CompletionResultType]::ParameterName, 'Name of the network in hexadecimal, if it is not valid text')
            [CompletionResult]::new('--bssid', '--bssid', [CompletionResultType]::ParameterName, 'BSSID of one access point, e.g. 24:0a:c4:11:22:33; stock firmware ignores it')
            [CompletionResult]::new('--channel', '--channel', [CompletionResultType]::ParameterName, 'Channel of the network, 1 to 14 or one at 5 GHz; stock firmware ignores it')
            [CompletionResult]::new('--dataset-tlvs', '--dataset-tlvs', [CompletionResultType]::ParameterName, 'Dataset of the Thread network as hexadecimal TLVs, as `dataset active -x` prints it; it holds the key, so prefer a file or the environment (ESP_PROV_DATASET_TLVS)')
            [CompletionResult]::new('--dataset-tlvs-file', '--dataset-tlvs-file', [CompletionResultType]::ParameterName, 'File with the dataset, - for stdin')
            [CompletionResult]::new('--thread-network', '--thread-network', [CompletionResultType]::ParameterName, 'Name or extended PAN ID of a network that the device sees, instead of a dataset')
            [CompletionResult]::new('--network-key', '--network-key', [CompletionResultType]::ParameterName, 'Key of that network, 32 hexadecimal digits; prefer a file, the environment (ESP_PROV_NETWORK_KEY) or the prompt')
            [CompletionResult]::new('--network-key-file', '--network-key-file', [CompletionResultType]::ParameterName, 'File with the key, - for stdin')
            [CompletionResult]::new('--proto-ver', '--proto-ver', [CompletionResultType]::ParameterName, 'Fail unless the device reports this version')
            [CompletionResult]::new('--custom-data', '--custom-data', [CompletionResultType]::ParameterName, 'Text for the application''s custom-data endpoint, sent before the network')
            [CompletionResult]::new('--custom-info', '--custom-info', [CompletionResultType]::ParameterName, 'Text for --custom-config')
            [CompletionResult]::new('--custom-ver', '--custom-ver', [CompletionResultType]::ParameterName, 'Number for --custom-config')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Explain an exit code: its meaning, usual causes and what to try')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Join even if this machine has no other network meanwhile, without asking')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'The network has no passphrase')
            [CompletionResult]::new('--reset-first', '--reset-first', [CompletionResultType]::ParameterName, 'First forget a network the device could not join (ESP-IDF v5.1 and later)')
            [CompletionResult]::new('--custom-config', '--custom-config', [CompletionResultType]::ParameterName, 'Send --custom-info and --custom-ver to the custom-config endpoint of the legacy example (ESP-IDF v3.2 to v4.4)')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('provision', 'provision', [CompletionResultType]::ParameterValue, 'Give a device its network (the default)')
            [CompletionResult]::new('discover', 'discover', [CompletionResultType]::ParameterValue, 'List nearby devices with provisioning firmware, found over BLE, Wi-Fi and mDNS; a listed device may already have a network')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show a device''s version, capabilities and endpoints, and what they imply')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'List the networks the device sees')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask a device whether it is connected')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send messages to an endpoint of the application')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Make a device forget a network it could not join, so that it accepts another')
            [CompletionResult]::new('reprovision', 'reprovision', [CompletionResultType]::ParameterValue, 'Make a connected device accept another network, if its application allows it')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Provision many devices from a roster, resumably')
            [CompletionResult]::new('sec2-credentials', 'sec2-credentials', [CompletionResultType]::ParameterValue, 'Generate a salt and verifier for security 2')
            [CompletionResult]::new('qr', 'qr', [CompletionResultType]::ParameterValue, 'Print the QR code for a device''s label, or read one')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Diagnose this machine''s connectivity and suggest fixes')
            [CompletionResult]::new('decode', 'decode', [CompletionResultType]::ParameterValue, 'Show what went over the wire, from a trace, a capture or hexadecimal text')
            [CompletionResult]::new('simulate', 'simulate', [CompletionResultType]::ParameterValue, 'Run a virtual device on a socket or a serial console')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell, or the man page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'esp-prov-rs;provision' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--softap', '--softap', [CompletionResultType]::ParameterName, 'Join the device''s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager)')
            [CompletionResult]::new('--softap-passphrase', '--softap-passphrase', [CompletionResultType]::ParameterName, 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--softap-passphrase-file', '--softap-passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--interface', '--interface', [CompletionResultType]::ParameterName, 'The machine''s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service UUID that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: baud rate')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--ssid', '--ssid', [CompletionResultType]::ParameterName, 'Name of the Wi-Fi network, 1 to 32 bytes; without it, the device scans and you choose')
            [CompletionResult]::new('--passphrase', '--passphrase', [CompletionResultType]::ParameterName, 'Passphrase of the network, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--ssid-hex', '--ssid-hex', [CompletionResultType]::ParameterName, 'Name of the network in hexadecimal, if it is not valid text')
            [CompletionResult]::new('--bssid', '--bssid', [CompletionResultType]::ParameterName, 'BSSID of one access point, e.g. 24:0a:c4:11:22:33; stock firmware ignores it')
            [CompletionResult]::new('--channel', '--channel', [CompletionResultType]::ParameterName, 'Channel of the network, 1 to 14 or one at 5 GHz; stock firmware ignores it')
            [CompletionResult]::new('--dataset-tlvs', '--dataset-tlvs', [CompletionResultType]::ParameterName, 'Dataset of the Thread network as hexadecimal TLVs, as `dataset active -x` prints it; it holds the key, so prefer a file or the environment (ESP_PROV_DATASET_TLVS)')
            [CompletionResult]::new('--dataset-tlvs-file', '--dataset-tlvs-file', [CompletionResultType]::ParameterName, 'File with the dataset, - for stdin')
            [CompletionResult]::new('--thread-network', '--thread-network', [CompletionResultType]::ParameterName, 'Name or extended PAN ID of a network that the device sees, instead of a dataset')
            [CompletionResult]::new('--network-key', '--network-key', [CompletionResultType]::ParameterName, 'Key of that network, 32 hexadecimal digits; prefer a file, the environment (ESP_PROV_NETWORK_KEY) or the prompt')
            [CompletionResult]::new('--network-key-file', '--network-key-file', [CompletionResultType]::ParameterName, 'File with the key, - for stdin')
            [CompletionResult]::new('--proto-ver', '--proto-ver', [CompletionResultType]::ParameterName, 'Fail unless the device reports this version')
            [CompletionResult]::new('--custom-data', '--custom-data', [CompletionResultType]::ParameterName, 'Text for the application''s custom-data endpoint, sent before the network')
            [CompletionResult]::new('--custom-info', '--custom-info', [CompletionResultType]::ParameterName, 'Text for --custom-config')
            [CompletionResult]::new('--custom-ver', '--custom-ver', [CompletionResultType]::ParameterName, 'Number for --custom-config')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Join even if this machine has no other network meanwhile, without asking')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'The network has no passphrase')
            [CompletionResult]::new('--reset-first', '--reset-first', [CompletionResultType]::ParameterName, 'First forget a network the device could not join (ESP-IDF v5.1 and later)')
            [CompletionResult]::new('--custom-config', '--custom-config', [CompletionResultType]::ParameterName, 'Send --custom-info and --custom-ver to the custom-config endpoint of the legacy example (ESP-IDF v3.2 to v4.4)')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;discover' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'Where to listen: ble, or softap (access points, and mDNS on the network) [default: both]')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long to listen')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only devices whose name starts with this, whatever they advertise; access points: PROV_')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'A service UUID that identifies provisioning firmware')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every device that has a name')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;info' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--softap', '--softap', [CompletionResultType]::ParameterName, 'Join the device''s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager)')
            [CompletionResult]::new('--softap-passphrase', '--softap-passphrase', [CompletionResultType]::ParameterName, 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--softap-passphrase-file', '--softap-passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--interface', '--interface', [CompletionResultType]::ParameterName, 'The machine''s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service UUID that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: baud rate')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Number of requests used to measure the round-trip time')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'Also look for this endpoint of the application; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Join even if this machine has no other network meanwhile, without asking')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;scan' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--softap', '--softap', [CompletionResultType]::ParameterName, 'Join the device''s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager)')
            [CompletionResult]::new('--softap-passphrase', '--softap-passphrase', [CompletionResultType]::ParameterName, 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--softap-passphrase-file', '--softap-passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--interface', '--interface', [CompletionResultType]::ParameterName, 'The machine''s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service UUID that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: baud rate')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--group-channels', '--group-channels', [CompletionResultType]::ParameterName, 'Pause after every N channels, 0 for no pause [default: 5 over HTTP, else 0]')
            [CompletionResult]::new('--scan-period', '--scan-period', [CompletionResultType]::ParameterName, 'Time on each channel; firmware with Bluetooth ignores it')
            [CompletionResult]::new('--page-size', '--page-size', [CompletionResultType]::ParameterName, 'Networks to fetch per request [default: 16 over HTTP, else 4]')
            [CompletionResult]::new('--channel-mask', '--channel-mask', [CompletionResultType]::ParameterName, 'Thread: channels to scan, as a bit mask, e.g. 0x07fff800; 0 for all')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Join even if this machine has no other network meanwhile, without asking')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it')
            [CompletionResult]::new('--passive', '--passive', [CompletionResultType]::ParameterName, 'Scan passively: listen for access points instead of probing')
            [CompletionResult]::new('--reset-first', '--reset-first', [CompletionResultType]::ParameterName, 'First forget a network the device could not join (ESP-IDF v5.1 and later); without this such a device is not scanned, as that could hang it')
            [CompletionResult]::new('--no-block', '--no-block', [CompletionResultType]::ParameterName, 'Poll for the result after `--reset-first`, too, instead of letting the request wait; other scans always poll, as one that blocks could hang the device')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;status' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--softap', '--softap', [CompletionResultType]::ParameterName, 'Join the device''s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager)')
            [CompletionResult]::new('--softap-passphrase', '--softap-passphrase', [CompletionResultType]::ParameterName, 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--softap-passphrase-file', '--softap-passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--interface', '--interface', [CompletionResultType]::ParameterName, 'The machine''s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service UUID that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: baud rate')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Join even if this machine has no other network meanwhile, without asking')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;send' {
            [CompletionResult]::new('--utf8', '--utf8', [CompletionResultType]::ParameterName, 'Send this text')
            [CompletionResult]::new('--hex', '--hex', [CompletionResultType]::ParameterName, 'Send these bytes')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Send the content of this file, - for stdin')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Send the messages that follow to this endpoint instead')
            [CompletionResult]::new('--reply', '--reply', [CompletionResultType]::ParameterName, 'How to print replies: text, hex or raw; auto prints text if it is printable, else hex')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the raw reply to a file, readable only by its owner, instead of printing it')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--softap', '--softap', [CompletionResultType]::ParameterName, 'Join the device''s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager)')
            [CompletionResult]::new('--softap-passphrase', '--softap-passphrase', [CompletionResultType]::ParameterName, 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--softap-passphrase-file', '--softap-passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--interface', '--interface', [CompletionResultType]::ParameterName, 'The machine''s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service UUID that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: baud rate')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'Send without a session, unencrypted; proto-ver and prov-session always are')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Join even if this machine has no other network meanwhile, without asking')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;reset' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--softap', '--softap', [CompletionResultType]::ParameterName, 'Join the device''s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager)')
            [CompletionResult]::new('--softap-passphrase', '--softap-passphrase', [CompletionResultType]::ParameterName, 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--softap-passphrase-file', '--softap-passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--interface', '--interface', [CompletionResultType]::ParameterName, 'The machine''s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service UUID that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: baud rate')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Join even if this machine has no other network meanwhile, without asking')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;reprovision' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]')
            [CompletionResult]::new('--service-name', '--service-name', [CompletionResultType]::ParameterName, 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt')
            [CompletionResult]::new('--softap', '--softap', [CompletionResultType]::ParameterName, 'Join the device''s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager)')
            [CompletionResult]::new('--softap-passphrase', '--softap-passphrase', [CompletionResultType]::ParameterName, 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--softap-passphrase-file', '--softap-passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--interface', '--interface', [CompletionResultType]::ParameterName, 'The machine''s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--service-uuid', '--service-uuid', [CompletionResultType]::ParameterName, 'BLE: a service UUID that the device advertises, instead of its name')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Console: baud rate')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'The device''s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Join even if this machine has no other network meanwhile, without asking')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('--trace-secrets', '--trace-secrets', [CompletionResultType]::ParameterName, 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;batch' {
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'The devices: CSV or (*.jsonl) JSON Lines')
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'Where progress is recorded: a file, or postgres://USER@HOST/DATABASE for several stations, with the password in PGPASSWORD [default: the roster''s name with .ledger]')
            [CompletionResult]::new('--job', '--job', [CompletionResultType]::ParameterName, 'TOML file with flags of this command; command-line flags override it')
            [CompletionResult]::new('--station', '--station', [CompletionResultType]::ParameterName, 'Name of this station [default: the host name]')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'With --watch: report BLE devices that are not in the roster if their name starts with this [default: those with a service of provisioning firmware]')
            [CompletionResult]::new('--watch-interval', '--watch-interval', [CompletionResultType]::ParameterName, 'With --watch: interval between scans')
            [CompletionResult]::new('--parallel', '--parallel', [CompletionResultType]::ParameterName, 'Number of devices at once over HTTP')
            [CompletionResult]::new('--parallel-ble', '--parallel-ble', [CompletionResultType]::ParameterName, 'Number of devices at once over BLE, per adapter')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Retries per device after a transient failure: not found, link lost, no reply')
            [CompletionResult]::new('--retry-interval', '--retry-interval', [CompletionResultType]::ParameterName, 'Delay before the first retry; doubles each time')
            [CompletionResult]::new('--stop-after', '--stop-after', [CompletionResultType]::ParameterName, 'Stop if the first N devices all fail with the same error, such as a wrong passphrase; 0 for never')
            [CompletionResult]::new('--batch-timeout', '--batch-timeout', [CompletionResultType]::ParameterName, 'Limit for the whole batch; --timeout limits one attempt at one device')
            [CompletionResult]::new('--on-result', '--on-result', [CompletionResultType]::ParameterName, 'Command to run for each result, which it gets as a line of JSON on stdin; if it fails, the result stands and `batch retry --hooks` calls it again')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Record each exchange in this folder, one file per device, in the format of --trace of other commands: without secrets')
            [CompletionResult]::new('--hook-timeout', '--hook-timeout', [CompletionResultType]::ParameterName, 'Limit for that command; it is then killed with all its child processes')
            [CompletionResult]::new('--ledger-timeout', '--ledger-timeout', [CompletionResultType]::ParameterName, 'How long the ledger may be unreachable or full before the batch stops')
            [CompletionResult]::new('--adapter-timeout', '--adapter-timeout', [CompletionResultType]::ParameterName, 'How long a Bluetooth adapter may be off or missing before the batch stops, once only BLE devices are left')
            [CompletionResult]::new('--lease', '--lease', [CompletionResultType]::ParameterName, 'How long a crashed station keeps its claims on devices, if stations share a ledger')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'ble: read addresses without a scheme as BLE names, and use the id of a device without an address')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'BLE: the machine''s adapter, e.g. hci1 [default: the first]')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--proto-ver', '--proto-ver', [CompletionResultType]::ParameterName, 'Fail unless a device reports this version')
            [CompletionResult]::new('--custom-data', '--custom-data', [CompletionResultType]::ParameterName, 'Text for the application''s custom-data endpoint, sent before the network')
            [CompletionResult]::new('--ssid', '--ssid', [CompletionResultType]::ParameterName, 'Name of the Wi-Fi network, 1 to 32 bytes; without it, the device scans and you choose')
            [CompletionResult]::new('--passphrase', '--passphrase', [CompletionResultType]::ParameterName, 'Passphrase of the network, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'File with the passphrase, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--ssid-hex', '--ssid-hex', [CompletionResultType]::ParameterName, 'Name of the network in hexadecimal, if it is not valid text')
            [CompletionResult]::new('--bssid', '--bssid', [CompletionResultType]::ParameterName, 'BSSID of one access point, e.g. 24:0a:c4:11:22:33; stock firmware ignores it')
            [CompletionResult]::new('--channel', '--channel', [CompletionResultType]::ParameterName, 'Channel of the network, 1 to 14 or one at 5 GHz; stock firmware ignores it')
            [CompletionResult]::new('--require-security', '--require-security', [CompletionResultType]::ParameterName, 'Refuse sessions with a security scheme below this one: 1 or 2')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Limit for establishing a connection, and for waiting for a Bluetooth adapter that is off')
            [CompletionResult]::new('--reply-timeout', '--reply-timeout', [CompletionResultType]::ParameterName, 'Limit for each reply; a scan gets at least 30s')
            [CompletionResult]::new('--join-timeout', '--join-timeout', [CompletionResultType]::ParameterName, 'Limit for the device to join the network')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Maximum interval between status polls; the first polls are much faster')
            [CompletionResult]::new('--attempts', '--attempts', [CompletionResultType]::ParameterName, 'Maximum number of connection attempts')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--add-roster', '--add-roster', [CompletionResultType]::ParameterName, 'Add the roster to a ledger file that belongs to another roster')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the plan without acting')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Work on devices as they appear, until all of the roster are done or Ctrl-C: over BLE when they advertise, over HTTP when their address answers, on a console when its port exists')
            [CompletionResult]::new('--reset-first', '--reset-first', [CompletionResultType]::ParameterName, 'First make each device forget a network it could not join; devices with a failed join in the ledger are reset anyway')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'The network has no passphrase')
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Treat warnings about the device as errors, before the network is sent')
            [CompletionResult]::new('--dangerously-accept-weaker-security', '--dangerously-accept-weaker-security', [CompletionResultType]::ParameterName, 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the status of each device that is not done; with --verbose, of all')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export all attempts with timings and results')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Requeue devices for the next batch')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'esp-prov-rs;batch;status' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'The roster that the ledger belongs to')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;batch;export' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'The roster that the ledger belongs to')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'csv or json')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, - for stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;batch;retry' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'The roster that the ledger belongs to')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Only those that ended with this exit code; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--failed', '--failed', [CompletionResultType]::ParameterName, 'Devices that failed')
            [CompletionResult]::new('--unconfirmed', '--unconfirmed', [CompletionResultType]::ParameterName, 'Devices that left before they confirmed the connection')
            [CompletionResult]::new('--hooks', '--hooks', [CompletionResultType]::ParameterName, 'Results for which --on-result failed, not devices: the next batch calls it again')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;batch;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the status of each device that is not done; with --verbose, of all')
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
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'With raw: base name of the two files (.salt, .verifier), readable only by their owner')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;qr' {
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'A QR code to start from: its text, or a file with the text or a picture of it')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the device: its BLE name or the name of its access point')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'Transport of the device: softap or ble')
            [CompletionResult]::new('--network', '--network', [CompletionResultType]::ParameterName, 'Kind of network it takes: wifi or thread; most firmware leaves it out')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession, if the device has one; visible to other users of this machine, so prefer a file or the environment (ESP_PROV_POP)')
            [CompletionResult]::new('--pop-file', '--pop-file', [CompletionResultType]::ParameterName, 'File with the proof of possession, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt')
            [CompletionResult]::new('--sec2-pwd-file', '--sec2-pwd-file', [CompletionResultType]::ParameterName, 'File with the password of security 2, - for stdin; trailing newlines are ignored')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'text or link for the content of the code; terminal, png or svg for the code itself [default: by the extension of --output; text and terminal on a terminal; else text]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, readable only by its owner; - for stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;doctor' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'Check only what this transport needs: softap, ble or console')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;decode' {
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'Read hexadecimal input as a message of this endpoint, not encrypted')
            [CompletionResult]::new('--direction', '--direction', [CompletionResultType]::ParameterName, 'request (to the device) or reply (from the device)')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Show passphrases, datasets and the messages of applications, where they can be read')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;simulate' {
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'softap (HTTP on a socket) or console (on a pseudo-terminal, whose path is printed)')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Softap: address to listen on; port 0 picks a free port and prints it')
            [CompletionResult]::new('--persona', '--persona', [CompletionResultType]::ParameterName, 'Firmware generation to play: legacy (ESP-IDF v3.2 and v4.0 examples, plain version text), idf-v4.4, idf-v5.0, idf-v5.5, netprov, or netprov-thread')
            [CompletionResult]::new('--sec-ver', '--sec-ver', [CompletionResultType]::ParameterName, 'Security scheme: 0, 1 or 2')
            [CompletionResult]::new('--pop', '--pop', [CompletionResultType]::ParameterName, 'Proof of possession')
            [CompletionResult]::new('--sec2-username', '--sec2-username', [CompletionResultType]::ParameterName, 'User name of security 2')
            [CompletionResult]::new('--sec2-pwd', '--sec2-pwd', [CompletionResultType]::ParameterName, 'Password of security 2')
            [CompletionResult]::new('--sec2-verifier', '--sec2-verifier', [CompletionResultType]::ParameterName, 'Salt and verifier instead of user name and password: base name of the files that sec2-credentials --format raw writes')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer as the device in this trace did; record it with --trace, preferably with --trace-secrets')
            [CompletionResult]::new('--networks', '--networks', [CompletionResultType]::ParameterName, 'TOML file with the networks in reach [default: Home, Office and the open Guest]')
            [CompletionResult]::new('--join-delay', '--join-delay', [CompletionResultType]::ParameterName, 'Time from apply to connected')
            [CompletionResult]::new('--failed-attempts', '--failed-attempts', [CompletionResultType]::ParameterName, 'Number of failed attempts before the one that counts')
            [CompletionResult]::new('--fail', '--fail', [CompletionResultType]::ParameterName, 'Fail like this, whatever the client sends: wrong-passphrase, not-found, vanish (leaves right after apply) or forever (never stops trying)')
            [CompletionResult]::new('--quirk', '--quirk', [CompletionResultType]::ParameterName, 'Misbehave as some real devices do; repeatable: reconnects (keeps trying after a failed join and refuses to scan meanwhile; otherwise such a scan hangs it), refuses-reset, restarts-once (after apply, forgetting the network) or stays-open (accepts another network)')
            [CompletionResult]::new('--scan-time', '--scan-time', [CompletionResultType]::ParameterName, 'Duration of a scan')
            [CompletionResult]::new('--ready-file', '--ready-file', [CompletionResultType]::ParameterName, 'File to write once the device is ready: its address, or with --count one address per line. It appears complete, and is removed at the end')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Number of devices, on consecutive ports starting at --listen; each stops after its success. Ends when all have stopped, and prints how many joined')
            [CompletionResult]::new('--roster', '--roster', [CompletionResultType]::ParameterName, 'Write their roster, as CSV or (*.jsonl) JSON Lines, readable only by its owner')
            [CompletionResult]::new('--wrong-pop', '--wrong-pop', [CompletionResultType]::ParameterName, 'Share of devices whose proof of possession is not the one in the roster: 2% or 0.02')
            [CompletionResult]::new('--drop', '--drop', [CompletionResultType]::ParameterName, 'Share of requests or replies that get lost')
            [CompletionResult]::new('--delay', '--delay', [CompletionResultType]::ParameterName, 'Share of replies that are delayed by --delay-by')
            [CompletionResult]::new('--delay-by', '--delay-by', [CompletionResultType]::ParameterName, 'Length of a delay')
            [CompletionResult]::new('--reboot', '--reboot', [CompletionResultType]::ParameterName, 'Share of requests at which the device restarts')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Random seed; the same seed injects the same faults')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('--log-lines', '--log-lines', [CompletionResultType]::ParameterName, 'Console: print log lines in between, even within the echo and the reply')
            [CompletionResult]::new('--whole-replies', '--whole-replies', [CompletionResultType]::ParameterName, 'Softap: send each reply in one piece; stock firmware sends the header first, and the rest waits for its acknowledgement (40 ms on Linux)')
            [CompletionResult]::new('--session-only', '--session-only', [CompletionResultType]::ParameterName, 'Accept no network: sessions serve only the application''s endpoints')
            [CompletionResult]::new('--no-pop', '--no-pop', [CompletionResultType]::ParameterName, 'No proof of possession')
            [CompletionResult]::new('--once', '--once', [CompletionResultType]::ParameterName, 'Stop after the first success, and print the network that was set')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Print passphrases, and the text of the QR code even if its secret is not a well-known one')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: auto, always or never; auto honours NO_COLOR')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show only the result, warnings and errors')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object per event on stdout (see docs/json.md)')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (-h: a summary)')
            break
        }
        'esp-prov-rs;help' {
            [CompletionResult]::new('provision', 'provision', [CompletionResultType]::ParameterValue, 'Give a device its network (the default)')
            [CompletionResult]::new('discover', 'discover', [CompletionResultType]::ParameterValue, 'List nearby devices with provisioning firmware, found over BLE, Wi-Fi and mDNS; a listed device may already have a network')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show a device''s version, capabilities and endpoints, and what they imply')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'List the networks the device sees')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Ask a device whether it is connected')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send messages to an endpoint of the application')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Make a device forget a network it could not join, so that it accepts another')
            [CompletionResult]::new('reprovision', 'reprovision', [CompletionResultType]::ParameterValue, 'Make a connected device accept another network, if its application allows it')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Provision many devices from a roster, resumably')
            [CompletionResult]::new('sec2-credentials', 'sec2-credentials', [CompletionResultType]::ParameterValue, 'Generate a salt and verifier for security 2')
            [CompletionResult]::new('qr', 'qr', [CompletionResultType]::ParameterValue, 'Print the QR code for a device''s label, or read one')
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
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the status of each device that is not done; with --verbose, of all')
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

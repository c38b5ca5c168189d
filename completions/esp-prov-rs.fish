# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_esp_prov_rs_global_optspecs
    string join \n transport= service-name= pop= softap= softap-passphrase= softap-passphrase-file= interface= yes adapter= service-uuid= port= baud= sec-ver= pop-file= qr= sec2-username= sec2-pwd= sec2-pwd-file= require-security= deny-warnings dangerously-accept-weaker-security timeout= connect-timeout= reply-timeout= join-timeout= poll-interval= attempts= trace= trace-secrets ssid= passphrase= passphrase-file= open ssid-hex= bssid= channel= dataset-tlvs= dataset-tlvs-file= thread-network= network-key= network-key-file= verify verify-timeout= verify-search then= proto-ver= reset-first custom-data= custom-config custom-info= custom-ver= v/verbose q/quiet json color= no-input h/help explain= V/version
end

function __fish_esp_prov_rs_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_esp_prov_rs_global_optspecs) -- $cmd 2>/dev/null
    or argparse -s (__fish_esp_prov_rs_global_optspecs) -- $cmd[1..-2] 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_esp_prov_rs_using_subcommand
    set -l cmd (__fish_esp_prov_rs_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l transport -d 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l service-name -d 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l pop -d 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l softap -d 'Join the device\'s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet tried on macOS and Windows)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l softap-passphrase -d 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l softap-passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l interface -d 'The machine\'s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l service-uuid -d 'BLE: a service UUID that the device advertises, instead of its name' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l port -d 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l baud -d 'Console: baud rate' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l qr -d 'The device\'s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l timeout -d 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l trace -d 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l ssid -d 'Name of the Wi-Fi network, 1 to 32 bytes; without it, the device scans and you choose' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l passphrase -d 'Passphrase of the network, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l ssid-hex -d 'Name of the network in hexadecimal, if it is not valid text' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l bssid -d 'BSSID of one access point, e.g. 24:0a:c4:11:22:33; stock firmware ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l channel -d 'Channel of the network, 1 to 14 or one at 5 GHz; stock firmware ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l dataset-tlvs -d 'Dataset of the Thread network as hexadecimal TLVs, as `dataset active -x` prints it; it holds the key, so prefer a file or the environment (ESP_PROV_DATASET_TLVS)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l dataset-tlvs-file -d 'File with the dataset, - for stdin' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l thread-network -d 'Name or extended PAN ID of a network that the device sees, instead of a dataset' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l network-key -d 'Key of that network, 32 hexadecimal digits; prefer a file, the environment (ESP_PROV_NETWORK_KEY) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l network-key-file -d 'File with the key, - for stdin' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l verify-timeout -d 'Limit for that search' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l then -d 'reprovision: only test the device, which then leaves the network again; firmware that can\'t is refused beforehand. The network stays in its flash, and stock firmware joins it again after a restart' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l proto-ver -d 'Fail unless the device reports this version' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l custom-data -d 'Text for the application\'s custom-data endpoint, sent before the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l custom-info -d 'Text for --custom-config' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l custom-ver -d 'Number for --custom-config' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l explain -d 'Explain an exit code: its meaning, usual causes and what to try' -r -f -a "0\t'done: the device reports a connection (or did what else was asked)'
1\t'unexpected internal error'
2\t'invalid command line'
3\t'bad input: a value, an address, a file or a missing secret'
4\t'done, but stdout could not be written'
10\t'device not found'
11\t'could not connect'
12\t'link lost or no reply, after all attempts'
20\t'the device lacks an endpoint, a capability or the wanted version'
21\t'the device violated the protocol, or is not a provisioning device'
30\t'the proof of possession, or the user name and password, is wrong'
31\t'the device\'s security is not what was asked for, or can\'t check the secret given'
32\t'the session got out of step: a reply did not decrypt'
33\t'a warning, with `--deny-warnings`'
40\t'the device refused the command'
50\t'the network rejected the passphrase'
51\t'the device did not find the network, or could not join it'
52\t'the device did not report a connection in time, or has none'
53\t'applied, but the device left before it confirmed'
54\t'the device says it is connected, but not to the network it was given, or to none'
55\t'with `--verify`: the device reports a connection, and this machine does not find it there'
56\t'with `--then reprovision`: the device joined, and could not be made to leave the network again'
60\t'the batch ended, and not every device is done'
61\t'the ledger could not be read or written; the batch stopped'
62\t'every device is done, and the command for results (`--on-result`) failed for some, or has yet to get some'
130\t'interrupted by Ctrl-C, SIGQUIT, SIGTERM or SIGHUP'"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l yes -d 'Join even if this machine has no other network meanwhile, without asking'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l trace-secrets -d 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l open -d 'The network has no passphrase'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l verify -d 'Then look for the device on the network it was given, from this machine: by the address it reported, or by its MAC address among this machine\'s neighbours'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l verify-search -d 'If the device reported no address, knock at every address of this machine\'s networks (up to 1024 each), so that its MAC address is found'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l reset-first -d 'First forget a network the device could not join (ESP-IDF v5.1 and later)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l custom-config -d 'Send --custom-info and --custom-ver to the custom-config endpoint of the legacy example (ESP-IDF v3.2 to v4.4)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -s V -l version -d 'Print version'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "provision" -d 'Give a device its network (the default)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "discover" -d 'List nearby devices with provisioning firmware, found over BLE, Wi-Fi and mDNS; a listed device may already have a network'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "info" -d 'Show a device\'s version, capabilities and endpoints, and what they imply'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "scan" -d 'List the networks the device sees'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "status" -d 'Ask a device whether it is connected'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "send" -d 'Send messages to an endpoint of the application'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "reset" -d 'Make a device forget a network it could not join, so that it accepts another'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "reprovision" -d 'Make a connected device accept another network, if its application allows it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "batch" -d 'Provision many devices from a roster, resumably'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "station" -d 'Provision units as they are scanned, at a bench of a line'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "secrets" -d 'Make secrets and labels for many devices, and their roster'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "sec2-credentials" -d 'Generate a salt and verifier for security 2'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "qr" -d 'Print the QR code for a device\'s label, or read one'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "doctor" -d 'Diagnose this machine\'s connectivity and suggest fixes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "decode" -d 'Show what went over the wire, from a trace, a capture or hexadecimal text'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "simulate" -d 'Run a virtual device on a socket or a serial console'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "completions" -d 'Print completions for a shell, or the man page'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l transport -d 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l service-name -d 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l pop -d 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l softap -d 'Join the device\'s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet tried on macOS and Windows)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l softap-passphrase -d 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l softap-passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l interface -d 'The machine\'s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l service-uuid -d 'BLE: a service UUID that the device advertises, instead of its name' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l port -d 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l baud -d 'Console: baud rate' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l qr -d 'The device\'s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l timeout -d 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l trace -d 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l ssid -d 'Name of the Wi-Fi network, 1 to 32 bytes; without it, the device scans and you choose' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l passphrase -d 'Passphrase of the network, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l ssid-hex -d 'Name of the network in hexadecimal, if it is not valid text' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l bssid -d 'BSSID of one access point, e.g. 24:0a:c4:11:22:33; stock firmware ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l channel -d 'Channel of the network, 1 to 14 or one at 5 GHz; stock firmware ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l dataset-tlvs -d 'Dataset of the Thread network as hexadecimal TLVs, as `dataset active -x` prints it; it holds the key, so prefer a file or the environment (ESP_PROV_DATASET_TLVS)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l dataset-tlvs-file -d 'File with the dataset, - for stdin' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l thread-network -d 'Name or extended PAN ID of a network that the device sees, instead of a dataset' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l network-key -d 'Key of that network, 32 hexadecimal digits; prefer a file, the environment (ESP_PROV_NETWORK_KEY) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l network-key-file -d 'File with the key, - for stdin' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l verify-timeout -d 'Limit for that search' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l then -d 'reprovision: only test the device, which then leaves the network again; firmware that can\'t is refused beforehand. The network stays in its flash, and stock firmware joins it again after a restart' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l proto-ver -d 'Fail unless the device reports this version' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l custom-data -d 'Text for the application\'s custom-data endpoint, sent before the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l custom-info -d 'Text for --custom-config' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l custom-ver -d 'Number for --custom-config' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l yes -d 'Join even if this machine has no other network meanwhile, without asking'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l trace-secrets -d 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l open -d 'The network has no passphrase'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l verify -d 'Then look for the device on the network it was given, from this machine: by the address it reported, or by its MAC address among this machine\'s neighbours'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l verify-search -d 'If the device reported no address, knock at every address of this machine\'s networks (up to 1024 each), so that its MAC address is found'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l reset-first -d 'First forget a network the device could not join (ESP-IDF v5.1 and later)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l custom-config -d 'Send --custom-info and --custom-ver to the custom-config endpoint of the legacy example (ESP-IDF v3.2 to v4.4)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand provision" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l transport -d 'Where to listen: ble, or softap (access points, and mDNS on the network) [default: both]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l for -d 'How long to listen' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l prefix -d 'Only devices whose name starts with this, whatever they advertise; access points: PROV_' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l service-uuid -d 'A service UUID that identifies provisioning firmware' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l all -d 'Every device that has a name'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand discover" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l transport -d 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l service-name -d 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l pop -d 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l softap -d 'Join the device\'s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet tried on macOS and Windows)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l softap-passphrase -d 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l softap-passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l interface -d 'The machine\'s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l service-uuid -d 'BLE: a service UUID that the device advertises, instead of its name' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l port -d 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l baud -d 'Console: baud rate' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l qr -d 'The device\'s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l timeout -d 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l trace -d 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l count -d 'Number of requests used to measure the round-trip time' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l endpoint -d 'Also look for this endpoint of the application; repeatable' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l yes -d 'Join even if this machine has no other network meanwhile, without asking'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l trace-secrets -d 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand info" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l transport -d 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l service-name -d 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l pop -d 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l softap -d 'Join the device\'s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet tried on macOS and Windows)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l softap-passphrase -d 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l softap-passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l interface -d 'The machine\'s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l service-uuid -d 'BLE: a service UUID that the device advertises, instead of its name' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l port -d 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l baud -d 'Console: baud rate' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l qr -d 'The device\'s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l timeout -d 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l trace -d 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l group-channels -d 'Pause after every N channels, 0 for no pause [default: 5 over HTTP, else 0]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l scan-period -d 'Time on each channel; firmware with Bluetooth ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l page-size -d 'Networks to fetch per request [default: 16 over HTTP, else 4]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l channel-mask -d 'Thread: channels to scan, as a bit mask, e.g. 0x07fff800; 0 for all' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l yes -d 'Join even if this machine has no other network meanwhile, without asking'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l trace-secrets -d 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l passive -d 'Scan passively: listen for access points instead of probing'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l reset-first -d 'First forget a network the device could not join (ESP-IDF v5.1 and later); without this such a device is not scanned, as that could hang it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l no-block -d 'Poll for the result after `--reset-first`, too, instead of letting the request wait; other scans always poll, as one that blocks could hang the device'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand scan" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l transport -d 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l service-name -d 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l pop -d 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l softap -d 'Join the device\'s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet tried on macOS and Windows)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l softap-passphrase -d 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l softap-passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l interface -d 'The machine\'s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l service-uuid -d 'BLE: a service UUID that the device advertises, instead of its name' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l port -d 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l baud -d 'Console: baud rate' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l qr -d 'The device\'s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l timeout -d 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l trace -d 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l yes -d 'Join even if this machine has no other network meanwhile, without asking'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l trace-secrets -d 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand status" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l utf8 -d 'Send this text' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l hex -d 'Send these bytes' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l file -d 'Send the content of this file, - for stdin' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l to -d 'Send the messages that follow to this endpoint instead' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l reply -d 'How to print replies: text, hex or raw; auto prints text if it is printable, else hex' -r -f -a "auto\t''
text\t''
hex\t''
raw\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l output -d 'Write the raw reply to a file, readable only by its owner, instead of printing it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l transport -d 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l service-name -d 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l pop -d 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l softap -d 'Join the device\'s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet tried on macOS and Windows)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l softap-passphrase -d 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l softap-passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l interface -d 'The machine\'s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l service-uuid -d 'BLE: a service UUID that the device advertises, instead of its name' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l port -d 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l baud -d 'Console: baud rate' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l qr -d 'The device\'s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l timeout -d 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l trace -d 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l plain -d 'Send without a session, unencrypted; proto-ver and prov-session always are'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l yes -d 'Join even if this machine has no other network meanwhile, without asking'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l trace-secrets -d 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand send" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l transport -d 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l service-name -d 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l pop -d 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l softap -d 'Join the device\'s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet tried on macOS and Windows)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l softap-passphrase -d 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l softap-passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l interface -d 'The machine\'s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l service-uuid -d 'BLE: a service UUID that the device advertises, instead of its name' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l port -d 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l baud -d 'Console: baud rate' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l qr -d 'The device\'s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l timeout -d 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l trace -d 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l yes -d 'Join even if this machine has no other network meanwhile, without asking'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l trace-secrets -d 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reset" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l transport -d 'How to reach the device: softap (HTTP; aliases httpd and http), ble, console (UART), or virtual (a device inside this process) [default: softap]' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l service-name -d 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]; over BLE its name, a prefix such as PROV_*, or its address (without a terminal, a name takes 2 s longer, to see that it is unique)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l pop -d 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l softap -d 'Join the device\'s access point, by its name or its BSSID, for as long as the run takes, and bring back the Wi-Fi network of this machine at the end (Linux with NetworkManager; not yet tried on macOS and Windows)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l softap-passphrase -d 'Its passphrase; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SOFTAP_PASSPHRASE) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l softap-passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l interface -d 'The machine\'s Wi-Fi interface, e.g. wlan1 [default: the one that sees it best]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l service-uuid -d 'BLE: a service UUID that the device advertises, instead of its name' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l port -d 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it, you choose' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l baud -d 'Console: baud rate' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l qr -d 'The device\'s QR code: its text, a link that contains it, a PNG or JPEG of it, or a file with the text or a device log that shows it (- for stdin); supplies transport, security, proof of possession, user name and password unless flags do' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l timeout -d 'Limit for the whole run, not counting time spent at prompts; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l trace -d 'Record each exchange in a file as JSON Lines, without secrets; `decode` shows it and `simulate --replay` plays it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l yes -d 'Join even if this machine has no other network meanwhile, without asking'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l trace-secrets -d 'Include all secrets and bytes in the trace, so that it can be replayed to the end; do not share it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand reprovision" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l prefix -d 'With --watch: report BLE devices and access points that are not in the roster if their name starts with this [default: those with a service of provisioning firmware; PROV_]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l watch-interval -d 'With --watch: interval between scans' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l stop-after -d 'Stop if the first N devices all fail with the same error, such as a wrong passphrase; 0 for never' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l batch-timeout -d 'Limit for the whole batch; --timeout limits one attempt at one device' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l roster -d 'The devices: CSV or (*.jsonl) JSON Lines' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l ledger -d 'Where progress is recorded: a file, or postgres://USER@HOST/DATABASE for several stations, with the password in PGPASSWORD or ~/.pgpass [default: the roster\'s name with .ledger]' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l job -d 'TOML file with flags of this command; command-line flags override it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l station -d 'Name of this station [default: the host name]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l parallel -d 'Number of devices at once over HTTP' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l interface -d 'Wi-Fi interface that joins access points, e.g. wlan1; repeatable: with several, as many devices at once [default: the one that sees a device best, one device at a time]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l parallel-ble -d 'Number of devices at once over BLE, per adapter' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l retries -d 'Retries per device after a transient failure: not found, link lost, no reply' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l retry-interval -d 'Delay before the first retry; doubles each time' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l adapter-timeout -d 'How long Bluetooth or Wi-Fi may be off or missing before the work stops, once only devices that need it are left, and no more can come' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l drain-timeout -d 'After Ctrl-C: how long devices that were told to join may take to end; no others begin. 0 lets them go at once, as a second Ctrl-C does' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l on-result -d 'Command to run for each result, which it gets as a line of JSON on stdin; if it fails, the result stands and `batch retry --hooks` calls it again' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l trace -d 'Record each exchange in this folder, one file per device, in the format of --trace of other commands: without secrets' -r -f -a "(__fish_complete_directories)"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l hook-timeout -d 'Limit for that command; it is then killed with all its child processes' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l ledger-timeout -d 'How long the ledger may be unreachable or full before the batch stops' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l lease -d 'How long a crashed station keeps its claims on devices, if stations share a ledger' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l transport -d 'softap or ble: read addresses without a scheme as names of access points, or as BLE names, and use the id of a device without an address' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l softap-passphrase -d 'Passphrase of the devices\' own access points' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l softap-passphrase-file -d 'File with that passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l pop -d 'Proof of possession' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file or the environment (ESP_PROV_SEC2_PWD)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l proto-ver -d 'Fail unless a device reports this version' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l custom-data -d 'Text for the application\'s custom-data endpoint, sent before the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l ssid -d 'Name of the Wi-Fi network, 1 to 32 bytes' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l passphrase -d 'Passphrase of the network, 8 to 63 bytes; visible to other users of this machine, so prefer a file or the environment (ESP_PROV_PASSPHRASE)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l ssid-hex -d 'Name of the network in hexadecimal, if it is not valid text' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l bssid -d 'BSSID of one access point, e.g. 24:0a:c4:11:22:33; stock firmware ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l channel -d 'Channel of the network, 1 to 14 or one at 5 GHz; stock firmware ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l verify-timeout -d 'Limit for that search' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l then -d 'reprovision: only test the device, which then leaves the network again; firmware that can\'t is refused beforehand. The network stays in its flash, and stock firmware joins it again after a restart' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l timeout -d 'Limit for each attempt at a device; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l add-roster -d 'Add the roster to a ledger file that belongs to another roster'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l dry-run -d 'Show the plan without acting'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l watch -d 'Work on devices as they appear, until all of the roster are done or Ctrl-C: over BLE when they advertise, on access points when these are in range, over HTTP when their address answers, on a console when its port exists'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l reset-first -d 'First make each device forget a network it could not join; devices with a failed join in the ledger are reset anyway'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l open -d 'The network has no passphrase'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l verify -d 'Then look for the device on the network it was given, from this machine: by the address it reported, or by its MAC address among this machine\'s neighbours'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l verify-search -d 'If the device reported no address, knock at every address of this machine\'s networks (up to 1024 each), so that its MAC address is found'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -f -a "status" -d 'Show the status of each device that is not done; with --verbose, of all'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -f -a "export" -d 'Export all attempts with timings and results'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -f -a "report" -d 'Report yield, causes, pace and times, as a page, for CI or for a spreadsheet'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -f -a "retry" -d 'Requeue devices for the next batch'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and not __fish_seen_subcommand_from status export report retry help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from status" -l ledger -d 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from status" -l roster -d 'The roster that the ledger belongs to' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from status" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from status" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from status" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from status" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -l ledger -d 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -l roster -d 'The roster that the ledger belongs to' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -l format -d 'csv or json' -r -f -a "csv\t''
json\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -l output -d 'File to write, - for stdout' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l ledger -d 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l roster -d 'The roster that the ledger belongs to' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l format -d 'html (one page, with charts), junit, csv or json' -r -f -a "html\t''
junit\t''
csv\t''
json\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l output -d 'File to write, - for stdout' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l since -d 'Only attempts that ended since then: 8h for the last 8 hours, or a date with or without a time, in UTC (2026-11-27 06:00)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l until -d 'Only attempts that ended before then' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l by-label -d 'Also group devices by this label of the roster [default: lot, if there is such a label]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l ledger -d 'The ledger: a file, or postgres://USER@HOST/DATABASE [default: beside the roster]' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l roster -d 'The roster that the ledger belongs to' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l exit-code -d 'Only those that ended with this exit code; repeatable' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l label -d 'Only devices with this label of the roster; repeatable, and all must match' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l by -d 'Who does it, for the ledger [default: your user name and this machine]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l reason -d 'Why, for the ledger; --done needs it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l failed -d 'Devices that failed'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l unconfirmed -d 'Devices that left before they confirmed the connection'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l done -d 'Devices that are done, for rework; name them, or give --label, and --reason'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l hooks -d 'Results for which --on-result failed, not devices: the next batch calls it again'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the status of each device that is not done; with --verbose, of all'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from help" -f -a "export" -d 'Export all attempts with timings and results'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from help" -f -a "report" -d 'Report yield, causes, pace and times, as a page, for CI or for a spreadsheet'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from help" -f -a "retry" -d 'Requeue devices for the next batch'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand batch; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l scanner -d 'Serial port of a scanner, which may be plugged in later [default: stdin]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l scanner-baud -d 'Baud rate of that port' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l unknown -d 'Units that are not on the roster: take or refuse them [default: refuse if there is a roster]' -r -f -a "take\t''
refuse\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l shift -d 'The counters on the screen begin with the results of this station in the last TIME' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l roster -d 'The devices: CSV or (*.jsonl) JSON Lines' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l ledger -d 'Where progress is recorded: a file, or postgres://USER@HOST/DATABASE for several stations, with the password in PGPASSWORD or ~/.pgpass [default: the roster\'s name with .ledger]' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l job -d 'TOML file with flags of this command; command-line flags override it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l station -d 'Name of this station [default: the host name]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l parallel -d 'Number of devices at once over HTTP' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l interface -d 'Wi-Fi interface that joins access points, e.g. wlan1; repeatable: with several, as many devices at once [default: the one that sees a device best, one device at a time]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l parallel-ble -d 'Number of devices at once over BLE, per adapter' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l retries -d 'Retries per device after a transient failure: not found, link lost, no reply' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l retry-interval -d 'Delay before the first retry; doubles each time' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l adapter-timeout -d 'How long Bluetooth or Wi-Fi may be off or missing before the work stops, once only devices that need it are left, and no more can come' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l drain-timeout -d 'After Ctrl-C: how long devices that were told to join may take to end; no others begin. 0 lets them go at once, as a second Ctrl-C does' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l on-result -d 'Command to run for each result, which it gets as a line of JSON on stdin; if it fails, the result stands and `batch retry --hooks` calls it again' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l trace -d 'Record each exchange in this folder, one file per device, in the format of --trace of other commands: without secrets' -r -f -a "(__fish_complete_directories)"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l hook-timeout -d 'Limit for that command; it is then killed with all its child processes' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l ledger-timeout -d 'How long the ledger may be unreachable or full before the batch stops' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l lease -d 'How long a crashed station keeps its claims on devices, if stations share a ledger' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l transport -d 'softap or ble: read addresses without a scheme as names of access points, or as BLE names, and use the id of a device without an address' -r -f -a "softap\t''
console\t''
virtual\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l adapter -d 'BLE: the machine\'s adapter, e.g. hci1 [default: the first]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l sec-ver -d 'Security scheme: 0, 1 or 2; a device that reports another is refused [default: what the device reports]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l softap-passphrase -d 'Passphrase of the devices\' own access points' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l softap-passphrase-file -d 'File with that passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l pop -d 'Proof of possession' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file or the environment (ESP_PROV_SEC2_PWD)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l proto-ver -d 'Fail unless a device reports this version' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l custom-data -d 'Text for the application\'s custom-data endpoint, sent before the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l ssid -d 'Name of the Wi-Fi network, 1 to 32 bytes' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l passphrase -d 'Passphrase of the network, 8 to 63 bytes; visible to other users of this machine, so prefer a file or the environment (ESP_PROV_PASSPHRASE)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l passphrase-file -d 'File with the passphrase, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l ssid-hex -d 'Name of the network in hexadecimal, if it is not valid text' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l bssid -d 'BSSID of one access point, e.g. 24:0a:c4:11:22:33; stock firmware ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l channel -d 'Channel of the network, 1 to 14 or one at 5 GHz; stock firmware ignores it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l verify-timeout -d 'Limit for that search' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l then -d 'reprovision: only test the device, which then leaves the network again; firmware that can\'t is refused beforehand. The network stays in its flash, and stock firmware joins it again after a restart' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l require-security -d 'Refuse sessions with a security scheme below this one: 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l timeout -d 'Limit for each attempt at a device; write times as 10s, 500ms or 2min (a plain number is seconds)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l connect-timeout -d 'Limit for establishing a connection, and for waiting for Bluetooth or Wi-Fi that is off' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l reply-timeout -d 'Limit for each reply; a scan gets at least 30s' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l join-timeout -d 'Limit for the device to join the network' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l poll-interval -d 'Maximum interval between status polls; the first polls are much faster' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l attempts -d 'Maximum number of connection attempts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l reset-first -d 'First make each device forget a network it could not join; devices with a failed join in the ledger are reset anyway'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l open -d 'The network has no passphrase'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l verify -d 'Then look for the device on the network it was given, from this machine: by the address it reported, or by its MAC address among this machine\'s neighbours'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l verify-search -d 'If the device reported no address, knock at every address of this machine\'s networks (up to 1024 each), so that its MAC address is found'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l deny-warnings -d 'Treat warnings about the device as errors, before the network is sent'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l dangerously-accept-weaker-security -d 'Continue even if the device offers weaker security than --sec-ver, the given secret or its label requires; whatever answers then gets the network, genuine or not'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand station" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l output -d 'New folder for all that is made; only its owner can read it. It must not exist, or be empty' -r -f -a "(__fish_complete_directories)"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l serials -d 'File with the serial numbers: CSV with a column `serial` (others are left out), or one per line; - for stdin' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l count -d 'Number of devices, numbered from --first' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l first -d 'First serial number; all get at least its digits: 00001' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l name -d 'Name of each device, with {} for its serial number' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l transport -d 'Transport of the devices: softap or ble' -r -f -a "softap\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l sec-ver -d 'Security scheme of the devices: 1 (proofs of possession) or 2 (passwords, salts and verifiers)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l sec2-username -d 'User name of security 2, the same for all [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l labels -d 'Make labels of this size: L7120, L7160, L7651, L7654, 5160 or 6871 for sheets of Avery, or paper, width and height in mm to cut out, such as a4-30x30 or letter-50x25' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l network -d 'Kind of network on the labels: wifi or thread; most firmware leaves it out' -r -f -a "wifi\t''
thread\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand secrets" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l sec2-salt-len -d 'Length of the salt in bytes' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l format -d 'c for C arrays, json for hexadecimal text, raw for two files' -r -f -a "c\t''
json\t''
raw\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l output -d 'With raw: base name of the two files (.salt, .verifier), readable only by their owner' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand sec2-credentials" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l qr -d 'A QR code to start from: its text, or a file with the text or a picture of it' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l name -d 'Name of the device: its BLE name or the name of its access point' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l transport -d 'Transport of the device: softap or ble' -r -f -a "softap\t''
ble\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l network -d 'Kind of network it takes: wifi or thread; most firmware leaves it out' -r -f -a "wifi\t''
thread\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l pop -d 'Proof of possession, if the device has one; visible to other users of this machine, so prefer a file or the environment (ESP_PROV_POP)' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l pop-file -d 'File with the proof of possession, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l sec2-username -d 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l sec2-pwd -d 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l sec2-pwd-file -d 'File with the password of security 2, - for stdin; trailing newlines are ignored' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l format -d 'text or link for the content of the code; terminal, png or svg for the code itself [default: by the extension of --output; text and terminal on a terminal; else text]' -r -f -a "text\t''
link\t''
terminal\t''
png\t''
svg\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l output -d 'File to write, readable only by its owner; - for stdout' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand qr" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand doctor" -l transport -d 'Check only what this transport needs: softap, ble or console' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand doctor" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand doctor" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand doctor" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand doctor" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand doctor" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand doctor" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -l endpoint -d 'Read hexadecimal input as a message of this endpoint, not encrypted' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -l direction -d 'request (to the device) or reply (from the device)' -r -f -a "request\t''
reply\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -l show-secrets -d 'Show passphrases, datasets and the messages of applications, where they can be read'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand decode" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l transport -d 'softap (HTTP on a socket) or console (on a pseudo-terminal, whose path is printed)' -r -f -a "softap\t''
console\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l listen -d 'Softap: address to listen on; port 0 picks a free port and prints it' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l persona -d 'Firmware generation to play: legacy (ESP-IDF v3.2 and v4.0 examples, plain version text), idf-v4.4, idf-v5.0, idf-v5.5, netprov, or netprov-thread' -r -f -a "legacy\t''
idf-v4.4\t''
idf-v5.0\t''
idf-v5.5\t''
netprov\t''
netprov-thread\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l sec-ver -d 'Security scheme: 0, 1 or 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l pop -d 'Proof of possession' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l sec2-username -d 'User name of security 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l sec2-pwd -d 'Password of security 2' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l sec2-verifier -d 'Salt and verifier instead of user name and password: base name of the files that sec2-credentials --format raw writes' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l replay -d 'Answer as the device in this trace did; record it with --trace, preferably with --trace-secrets' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l networks -d 'TOML file with the networks in reach [default: Home, Office and the open Guest]' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l join-delay -d 'Time from apply to connected' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l ip -d 'Address that the device reports once it is connected' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l failed-attempts -d 'Number of failed attempts before the one that counts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l fail -d 'Fail like this, whatever the client sends: wrong-passphrase, not-found, vanish (leaves right after apply) or forever (never stops trying)' -r -f -a "wrong-passphrase\t''
not-found\t''
vanish\t''
forever\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l quirk -d 'Misbehave as some real devices do; repeatable: reconnects (keeps trying after a failed join and refuses to scan meanwhile; otherwise such a scan hangs it), refuses-reset, restarts-once (after apply, forgetting the network) or stays-open (accepts another network)' -r -f -a "reconnects\t''
refuses-reset\t''
restarts-once\t''
stays-open\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l scan-time -d 'Duration of a scan' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l ready-file -d 'File to write once the device is ready: its address, or with --count one address per line. It appears complete, and is removed at the end' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l count -d 'Number of devices, on consecutive ports starting at --listen; each stops after its success. Ends when all have stopped, and prints how many joined' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l roster -d 'Write their roster, as CSV or (*.jsonl) JSON Lines, readable only by its owner' -r -F
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l wrong-pop -d 'Share of devices whose proof of possession is not the one in the roster: 2% or 0.02' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l drop -d 'Share of requests or replies that get lost' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l delay -d 'Share of replies that are delayed by --delay-by' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l delay-by -d 'Length of a delay' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l reboot -d 'Share of requests at which the device restarts' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l seed -d 'Random seed; the same seed injects the same faults' -r -f
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l log-lines -d 'Console: print log lines in between, even within the echo and the reply'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l whole-replies -d 'Softap: send each reply in one piece; stock firmware sends the header first, and the rest waits for its acknowledgement (40 ms on Linux)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l session-only -d 'Accept no network: sessions serve only the application\'s endpoints'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l no-pop -d 'No proof of possession'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l once -d 'Stop after the first success, and print the network that was set'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l show-secrets -d 'Print passphrases, and the text of the QR code even if its secret is not a well-known one'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand simulate" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand completions" -l color -d 'Colours: auto, always or never; auto honours NO_COLOR' -r -f -a "auto\t''
always\t''
never\t''"
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand completions" -s v -l verbose -d 'More output: -v device details and error causes, -vv each exchange, -vvv its bytes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand completions" -s q -l quiet -d 'Show only the result, warnings and errors'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand completions" -l json -d 'One JSON object per event on stdout (see docs/json.md)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand completions" -l no-input -d 'Never prompt'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand completions" -s h -l help -d 'Print help (-h: a summary)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "provision" -d 'Give a device its network (the default)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "discover" -d 'List nearby devices with provisioning firmware, found over BLE, Wi-Fi and mDNS; a listed device may already have a network'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "info" -d 'Show a device\'s version, capabilities and endpoints, and what they imply'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "scan" -d 'List the networks the device sees'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "status" -d 'Ask a device whether it is connected'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "send" -d 'Send messages to an endpoint of the application'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "reset" -d 'Make a device forget a network it could not join, so that it accepts another'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "reprovision" -d 'Make a connected device accept another network, if its application allows it'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "batch" -d 'Provision many devices from a roster, resumably'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "station" -d 'Provision units as they are scanned, at a bench of a line'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "secrets" -d 'Make secrets and labels for many devices, and their roster'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "sec2-credentials" -d 'Generate a salt and verifier for security 2'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "qr" -d 'Print the QR code for a device\'s label, or read one'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "doctor" -d 'Diagnose this machine\'s connectivity and suggest fixes'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "decode" -d 'Show what went over the wire, from a trace, a capture or hexadecimal text'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "simulate" -d 'Run a virtual device on a socket or a serial console'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "completions" -d 'Print completions for a shell, or the man page'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and not __fish_seen_subcommand_from provision discover info scan status send reset reprovision batch station secrets sec2-credentials qr doctor decode simulate completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and __fish_seen_subcommand_from batch" -f -a "status" -d 'Show the status of each device that is not done; with --verbose, of all'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and __fish_seen_subcommand_from batch" -f -a "export" -d 'Export all attempts with timings and results'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and __fish_seen_subcommand_from batch" -f -a "report" -d 'Report yield, causes, pace and times, as a page, for CI or for a spreadsheet'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand help; and __fish_seen_subcommand_from batch" -f -a "retry" -d 'Requeue devices for the next batch'
complete -c esp-prov-rs -n "__fish_esp_prov_rs_using_subcommand completions" -f -a "bash zsh fish powershell elvish man"
